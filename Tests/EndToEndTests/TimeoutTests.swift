import Foundation
import SuiteSupport
import TestSupport
import Testing

/// `--request-timeout`: a request has its time, and the worker goes on.
@Suite(.serialized, .bounded) struct TimeoutTests {
  @Test func aGreenWorkerAnswersForASlowHandlerAndGoesOn() throws {
    let server = try Server(["-k", "green", "--request-timeout", "0.3"])
    let worker = try #require(server.workers.first)
    let client = try Client(port: server.port)
    #expect(try client.get("/sleep/600000").status == 503)
    // The connection goes on, and so does the worker, with the same process. Where that is stopped for a moment, these are too
    // late as well.
    #expect(try comesTrue { try client.get("/pid").body == "\(worker)" })
    #expect(try comesTrue { try client.get("/sleep/1").body == "slept" })
    #expect(server.logged("Request timed out after "))
    #expect(server.logged("GET /sleep/600000 HTTP/1.1"))
  }

  @Test(arguments: ["/drip", "/drip-sequence"])
  func anAnswerThatHasBegunIsCutOff(_ path: String) throws {
    let server = try Server(["-k", "green", "--request-timeout", "0.3"])
    var answer = ""
    // Where the worker is stopped for as long it has not begun.
    let isCutOff = try passesOnce {
      let client = try Client(port: server.port)
      let request = "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      try client.send(Array(request.utf8))
      answer = try client.rest()
      return answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("drip") && !answer.hasSuffix("0\r\n\r\n")
    }
    #expect(isCutOff, "\(answer)")
    #expect(server.logged("Request timed out after "))
    #expect(try get(server.port, "/pid").status == 200)
  }

  @Test func workInTheBackgroundHasItsOwnTime() throws {
    var log = ""
    // The background takes twice as long as the request, which is over in time unless its worker is stopped.
    let isInTime = try passesOnce {
      let server = try Server(["-k", "green", "--request-timeout", "2"])
      guard try get(server.port, "/late/1100").status == 200 else { return false }
      let hasEnded = server.logged("the background has ended")
      log = server.log
      return hasEnded && !log.contains("background work of")
    }
    #expect(isInTime, "\(log)")
  }

  @Test(arguments: [["-k", "sync"], ["-k", "thread", "--threads", "4"]])
  func theOthersTellOfIt(_ arguments: [String]) throws {
    let server = try Server(arguments + ["--request-timeout", "0.1"])
    #expect(try get(server.port, "/sleep/400").body == "slept")
    #expect(server.logged("Request timed out after "))
    #expect(server.logged("GET /sleep/400 HTTP/1.1"))
  }
}
