import Foundation
import SuiteSupport
import TestSupport
import Testing

/// `--request-timeout`: a request has its time, and the worker goes on.
@Suite(.serialized, .bounded) struct TimeoutTests {
  @Test func aGreenWorkerAnswersForASlowHandlerAndGoesOn() throws {
    let server = try Server(["-k", "green", "--request-timeout", "0.3"])
    let worker = try get(server.port, "/pid").body
    let client = try Client(port: server.port)
    let start = Date()
    let slow = try client.get("/sleep/20000")
    #expect(slow.status == 503 && Date().timeIntervalSince(start) < 10)
    // The connection goes on, and so does the worker, with the same process.
    #expect(try client.get("/pid").body == worker)
    #expect(try client.get("/sleep/1").body == "slept")
    #expect(server.logged("Request timed out after "))
    #expect(server.logged("GET /sleep/20000 HTTP/1.1"))
  }

  @Test(arguments: ["/drip", "/drip-sequence"])
  func anAnswerThatHasBegunIsCutOff(_ path: String) throws {
    let server = try Server(["-k", "green", "--request-timeout", "0.3"])
    let client = try Client(port: server.port)
    try client.send(Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    let answer = try client.rest()
    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("drip") && !answer.hasSuffix("0\r\n\r\n"), "\(answer)")
    #expect(server.logged("Request timed out after "))
    #expect(try get(server.port, "/pid").status == 200)
  }

  @Test func workInTheBackgroundHasItsOwnTime() throws {
    let server = try Server(["-k", "green", "--request-timeout", "0.3"])
    // The background takes twice as long as the request.
    #expect(try get(server.port, "/late/250").status == 200)
    #expect(server.logged("the background has ended"))
    #expect(!server.log.contains("background work of"))
  }

  @Test(arguments: [["-k", "sync"], ["-k", "thread", "--threads", "4"]])
  func theOthersTellOfIt(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--request-timeout", "0.1"])
    #expect(try get(server.port, "/sleep/400").body == "slept")
    #expect(server.logged("Request timed out after "))
    #expect(server.logged("GET /sleep/400 HTTP/1.1"))
  }
}
