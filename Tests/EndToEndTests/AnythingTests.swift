import Foundation
import SuiteSupport
import Testing

@Suite(.bounded) struct AnythingTests {
  @Test func aRequestIsDescribedAsItWasSent() throws {
    let server = try Server("anything", ["-k", "green"])
    let client = try Client(port: server.port)
    let answer = try client.exchange(
      "PURGE /a%20b/c?x=1&y=%zz HTTP/1.1\r\nhOsT: here\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 3\r\n\r\n\u{1}ab")
    let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as! [String: Any]
    #expect(object["method"] as? String == "PURGE")
    #expect(object["target"] as? String == "/a%20b/c?x=1&y=%zz")
    #expect(object["path"] as? String == "/a b/c")
    #expect(object["query"] as? String == "x=1&y=%zz")
    #expect(object["version"] as? String == "HTTP/1.1")
    let headers = object["headers"] as? [[String]]
    #expect(headers == [["hOsT", "here"], ["X-One", "1"], ["x-one", "2"], ["Content-Length", "3"]])
    #expect(object["body"] as? String == Data([1, 97, 98]).base64EncodedString())
    #expect((object["trailers"] as? [Any])?.isEmpty == true)
    #expect((object["remote"] as? String)?.hasPrefix("127.0.0.1") == true)
    let plain = try client.get("/").body
    #expect(plain.contains(#""query":null"#), "\(plain)")
    #expect(object["pid"] as? Int == Int(server.workers[0]))
  }
}
