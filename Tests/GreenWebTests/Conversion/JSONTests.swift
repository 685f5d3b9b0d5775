import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

@Suite(.bounded) struct JSONTests {
  struct Thing: Codable {
    var b = 1
    var a = "x/y"
    var d = [1.5]
    var c: [String: Bool] = ["z": true, "a/": false]
  }
  struct Inner: Codable { var list: [Int] }
  struct Outer: Codable {
    var inner: Inner
    var flag: Bool
    var ratio: Double
  }

  @Test func keysAreInOrderAndSlashesAreSlashes() throws {
    let app = App()
    app.get("/") { _ in Thing() }
    for _ in 0..<10 {
      #expect(try app.ask("/").text == #"{"a":"x/y","b":1,"c":{"a/":false,"z":true},"d":[1.5]}"#)
    }
  }

  @Test(arguments: [
    (#"{"inner":{"list":[1,1.5]},"flag":true,"ratio":1}"#, "integer"),
    (#"{"inner":{"list":[300000000000000000000]},"flag":true,"ratio":1}"#, "integer"),
    (#"{"inner":{"list":{}},"flag":true,"ratio":1}"#, "the body's 'inner.list' should be an array"),
    (#"{"inner":[],"flag":true,"ratio":1}"#, "the body's 'inner' should be an object"),
    (#"{"inner":{"list":[]},"flag":1,"ratio":1}"#, "the body's 'flag' should be true or false"),
    (#"{"inner":{"list":[]},"flag":true,"ratio":"1"}"#, "the body's 'ratio' should be a number"),
    (#"{"inner":{"list":[]},"flag":null,"ratio":1}"#, "the body's 'flag' should be true or false"),
    (#"{"inner":{"list":[]},"flag":true}"#, "the body has no 'ratio'"),
    ("[]", "the body should be an object"),
    ("{", "the body is not JSON"),
    ("", "the body is not JSON"),
    (#"{"a":1,}x"#, "the body is not JSON"),
  ])
  func errorsNameTheJSONAndNotSwiftsTypes(body: String, sentence: String) throws {
    let app = App()
    app.post("/") { try $0.decode(Outer.self) }
    let response = try app.ask("POST", "/", type: "application/json", body: body)
    #expect(response.status == .badRequest)
    #expect(response.text == sentence || response.text.contains(sentence) && sentence == "integer", "\(response.text)")
    for name in ["Int", "Bool", "Double", "String", "Dictionary", "Array"] { #expect(!response.text.contains(name)) }
  }

  @Test(arguments: ["+json", "/+json", "application/+json", "x/y/z+json", "json", "/json"])
  func aTypeThatIsNoneIsNotJSON(type: String) throws {
    let app = App()
    app.post("/") { try $0.decode([Int].self) }
    #expect(try app.ask("POST", "/", type: type, body: "[]").status == .unsupportedMediaType)
    #expect(try app.ask("POST", "/", type: "application/vnd.a+json;x=y", body: "[1]").status == .ok)
  }
}
