import GreenSessions
import SuiteSupport
import Testing

@Suite(.bounded) struct SecretTokenTests {
  @Test func itsDigestIsSHA256() {
    // FIPS 180-4's example, and the empty message.
    #expect(SecretToken("abc").digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(SecretToken("").digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func eachIsAnother() throws {
    let tokens = try (0..<100).map { _ in try SecretToken() }
    #expect(Set(tokens.map(\.text)).count == 100 && tokens.allSatisfy { $0.text.utf8.count == 43 })
    #expect(SecretToken(tokens[0].text) == tokens[0])
    #expect(!"\(tokens[0])".contains(tokens[0].text))
  }
}
