import GreenHTTP
import SuiteSupport
import Testing

@Suite(.bounded) struct CredentialTests {
  private func request(_ field: String) throws -> Request { try Request(.get, "/", headers: [.authorization: field]) }

  @Test(
    arguments: [
      ("Bearer abc", "abc"), ("bearer   a.b-c~_+/==", "a.b-c~_+/=="), ("Bearer", nil), ("Bearer ", nil),
      ("Basic YTpi", nil),
      ("Bearerabc", nil), ("Bearer \u{301}abc", "\u{301}abc"),
    ] as [(String, String?)])
  func aBearersTokenIsRead(field: String, token: String?) throws {
    #expect(try request(field).bearerToken == token)
  }

  // RFC 7617, 2 and 2.1, with its examples.
  @Test(
    arguments: [
      ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", BasicCredentials(name: "Aladdin", password: "open sesame")),
      ("basic dGVzdDoxMjPCow==", BasicCredentials(name: "test", password: "123£")),
      ("Basic YTpiOmM=", BasicCredentials(name: "a", password: "b:c")),
      ("Basic Og", BasicCredentials(name: "", password: "")),
      ("Basic YWJj", nil), ("Basic !", nil), ("Basic /zph", nil), ("Bearer YTpi", nil),
    ] as [(String, BasicCredentials?)])
  func basicCredentialsAreRead(field: String, credentials: BasicCredentials?) throws {
    #expect(try request(field).basicCredentials == credentials)
  }

  @Test func withoutTheFieldThereAreNone() throws {
    let request = try Request(.get, "/")
    #expect(request.bearerToken == nil && request.basicCredentials == nil)
  }
}
