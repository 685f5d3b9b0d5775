import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// A request whose body comes in pieces of some length.
func formRequest(_ type: String, _ body: [UInt8], pieces: Int = .max, declared: Bool = true) throws -> Request {
  var fields: HTTPFields = [.contentType: type]
  if declared { fields[.contentLength] = "\(body.count)" }
  let head = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/", headerFields: fields)
  var limits = HTTPLimits()
  limits.body = 0
  var rest = body[...]
  return try Request(head, remote: "", limits: limits) { buffer in
    let piece = rest.prefix(min(buffer.count, pieces))
    buffer.copyBytes(from: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}

@Suite(.bounded) struct FormTests {
  private let urlEncoded = "application/x-www-form-urlencoded"

  private func form(_ body: String, limits: FormLimits = FormLimits()) throws -> Form {
    try formRequest(urlEncoded, Array(body.utf8)).form(limits: limits)
  }

  private func status(_ body: () throws -> Form) -> Int? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? HTTPError)?.status.code
    }
  }

  @Test func fieldsAreRead() throws {
    let form = try form("title=a+b&tag=1&tag=2&empty=&caf%C3%A9=%E2%82%AC")
    #expect(form.title == "a b" && form.fields.all("tag") == ["1", "2"] && form.empty == "")
    #expect(form["café"] == "€" && form.none == nil && form.files.isEmpty && form.file("title") == nil)
    #expect(try self.form("").fields.elements.isEmpty)
  }

  @Test func aFormIsTheSameWhenItIsAskedForAgain() throws {
    for declared in [true, false] {
      let request = try formRequest(urlEncoded, Array("a=1".utf8), pieces: 1, declared: declared)
      let (first, second) = (try request.form(), try request.form())
      #expect(first.a == "1" && second.a == "1")
    }
  }

  @Test(arguments: ["text/plain", "application/json", "multipart/mixed; boundary=a", ""])
  func anotherTypeIsNotAForm(type: String) throws {
    #expect(status { try formRequest(type, Array("a=1".utf8)).form() } == 415)
    #expect(try !formRequest(type, []).hasForm)
  }

  @Test(arguments: [
    "application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; charset=utf-8",
    "application/x-www-form-urlencoded ;x=\"y;z\"",
  ])
  func theTypeMayHaveParametersAndAnyCase(type: String) throws {
    let request = try formRequest(type, Array("a=1".utf8))
    #expect(request.hasForm)
    #expect(try request.form().a == "1")
  }

  @Test func limitsAreKept() throws {
    var limits = FormLimits()
    limits.parts = 3
    limits.text = 10
    #expect(try form("a=1&b=2&c", limits: limits).fields.elements.count == 3)
    #expect(status { try form("a&b&c&d", limits: limits) } == 413)
    #expect(status { try form("aaaaaaaaaaa", limits: limits) } == 413)
    let request = try formRequest(urlEncoded, Array("aaaaaaaaaaa".utf8), pieces: 1, declared: false)
    #expect(status { try request.form(limits: limits) } == 413)
    #expect(status { try form(String(repeating: "a&", count: 1_001)) } == 413)
    #expect(status { try form(String(repeating: "a", count: 500_001)) } == 413)
  }
}
