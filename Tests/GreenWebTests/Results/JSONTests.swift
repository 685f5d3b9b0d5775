import Foundation
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

  @Test(
    arguments: [
      (#"{"inner":{"list":[1,1.5]},"flag":true,"ratio":1}"#, "inner.list.1", "integer"),
      (#"{"inner":{"list":[300000000000000000000]},"flag":true,"ratio":1}"#, "inner.list.0", "integer"),
      (#"{"inner":{"list":{}},"flag":true,"ratio":1}"#, "inner.list", "must be an array"),
      (#"{"inner":[],"flag":true,"ratio":1}"#, "inner", "must be an object"),
      (#"{"inner":{"list":[]},"flag":1,"ratio":1}"#, "flag", "must be true or false"),
      (#"{"inner":{"list":[]},"flag":true,"ratio":"1"}"#, "ratio", "must be a number"),
      (#"{"inner":{"list":[]},"flag":null,"ratio":1}"#, "flag", "true or false"),
      (#"{"inner":{"list":[]},"flag":true}"#, "ratio", "is missing"),
      ("[]", "", "must be an object"),
    ] as [(String, String, String)])
  func errorsNameTheFieldsAndNotSwiftsTypes(body: String, field: String, message: String) throws {
    let app = App()
    app.post("/") { try $0.json(Outer.self) }
    let response = try app.ask("POST", "/", type: "application/json", body: body)
    #expect(response.status == .unprocessableContent && response.contentType == "application/json")
    let input = try JSONDecoder().decode(InvalidInput.self, from: Data(response.text.utf8))
    #expect(input.errors.count == 1)
    #expect(input.errors[0].field == field, "\(response.text)")
    #expect(input.errors[0].message.contains(message), "\(response.text)")
    for name in ["Int", "Bool", "Double", "String", "Dictionary", "Array"] { #expect(!response.text.contains(name)) }
  }

  @Test(arguments: ["{", "", #"{"a":1,}x"#])
  func whatIsNotJSONIsABadRequest(body: String) throws {
    let app = App()
    app.post("/") { try $0.json(Outer.self) }
    let response = try app.ask("POST", "/", type: "application/json", body: body)
    #expect(response.status == .badRequest && response.text == "the body is not JSON")
  }

  @Test(arguments: ["+json", "/+json", "application/+json", "x/y/z+json", "json", "/json"])
  func aTypeThatIsNoneIsNotJSON(type: String) throws {
    let app = App()
    app.post("/") { try $0.json([Int].self) }
    #expect(try app.ask("POST", "/", type: type, body: "[]").status == .unsupportedMediaType)
    #expect(try app.ask("POST", "/", type: "application/vnd.a+json;x=y", body: "[1]").status == .ok)
  }
}
