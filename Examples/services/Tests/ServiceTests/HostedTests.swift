import Foundation
import Green
import Testing

/// An application as a service of a group.
@Suite(.serialized) struct HostedTests {
  private func started(grace: Int = 10) throws -> (Program, UInt16) {
    let program = try Program("hosted", ["0", "\(grace)"])
    try program.waitForLog("listening at 127.0.0.1:")
    let text = program.log.components(separatedBy: "listening at 127.0.0.1:")[1]
    return (program, UInt16(text.prefix { $0.isNumber })!)
  }

  @Test func itServesBesideOtherServices() throws {
    let (hosted, port) = try started()
    let start = ContinuousClock.now
    // Blocking handlers and async ones, all on one thread. One after another they would take 20 s.
    let answers = try atOnce(20) { try get(port, $0 % 2 == 0 ? "/slow/1000" : "/async/1000") }
    #expect(answers == Array(repeating: "slept", count: 20))
    #expect(ContinuousClock.now - start < .seconds(10))
    let before = Int(try get(port, "/"))!
    try hosted.waitUntil("the other service to go on") { Int(try get(port, "/"))! > before }
    hosted.send(SIGTERM)
    #expect(hosted.waitForEnd() == 0)
  }

  @Test func aGracefulShutdownLetsTheRequestEndAndThenTheOtherServices() throws {
    let (hosted, port) = try started()
    let answers = try atOnce(2) { index in
      if index == 0 { return try get(port, "/slow/500") }
      usleep(200_000)
      hosted.send(SIGTERM)
      usleep(100_000)
      #expect(throws: (any Error).self) { try get(port, "/") }
      return ""
    }
    #expect(answers[0] == "slept")
    #expect(hosted.waitForEnd() == 0)
    #expect(
      hosted.logs(inOrder: ["the slow request has ended", "the refresher has ended gracefully"]), "\(hosted.log)")
  }

  @Test func aGracefulShutdownLetsBackgroundWorkEnd() throws {
    let (hosted, port) = try started()
    #expect(try get(port, "/background/400") == "begun")
    hosted.send(SIGTERM)
    #expect(hosted.waitForEnd() == 0)
    #expect(
      hosted.logs(inOrder: ["the background work has ended", "the refresher has ended gracefully"]), "\(hosted.log)")
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func backgroundWorkThatTakesTooLongIsLeftAlone(_ signal: Int32) throws {
    let (hosted, port) = try started(grace: signal == SIGTERM ? 1 : 30)
    #expect(try get(port, "/background/15000") == "begun")
    let start = ContinuousClock.now
    hosted.send(signal)
    #expect((0...1).contains(hosted.waitForEnd()))
    #expect(ContinuousClock.now - start < .seconds(12))
    try hosted.waitForLog("background work that has not ended in time: 1")
  }

  @Test func requestsThatTakeTooLongToEndAreCutOff() throws {
    let (hosted, port) = try started(grace: 1)
    let start = ContinuousClock.now
    let answers = try atOnce(2) { index in
      if index == 0 { return (try? get(port, "/slow/15000")) == nil }
      usleep(200_000)
      hosted.send(SIGTERM)
      return true
    }
    #expect(answers == [true, true])
    #expect(hosted.waitForEnd() == 0)
    let elapsed = ContinuousClock.now - start
    #expect(elapsed > .seconds(1) && elapsed < .seconds(12), "\(elapsed)")
    #expect(
      hosted.logs(inOrder: ["Connections that were cut off: 1", "the refresher has ended gracefully"]), "\(hosted.log)")
  }

  @Test func cancellingEndsRequestsAtOnce() throws {
    let (hosted, port) = try started()
    let start = ContinuousClock.now
    let answers = try atOnce(2) { index in
      if index == 0 { return (try? get(port, "/async/15000")) == nil }
      usleep(200_000)
      hosted.send(SIGINT)
      return true
    }
    #expect(answers == [true, true])
    #expect(hosted.waitForEnd() >= 0)
    #expect(ContinuousClock.now - start < .seconds(12), "\(hosted.log)")
  }

  @Test func whatHandlersThrowIsLoggedWithTheRequestsID() throws {
    let (hosted, port) = try started()
    #expect(try ask(port, "/fail").hasPrefix("HTTP/1.1 500"))
    _ = try? ask(port, "/fail/late")
    try hosted.waitForLog("GET /fail/late failed")
    for path in ["/fail", "/fail/late"] {
      let lines = hosted.log.split(separator: "\n").filter { $0.contains("GET \(path) failed: Failed()") }
      #expect(lines.count == 1 && lines[0].contains("request.id=test\(path)"), "\(hosted.log)")
    }
  }

  @Test func aPortInUseEndsTheGroupWithTheError() throws {
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    let port = listener.address!.port!
    let hosted = try Program("hosted", ["\(port)"])
    #expect(hosted.waitForEnd() == 1)
    try hosted.waitForLog("Cannot listen at 127.0.0.1:\(port): Address already in use.")
    listener.close()
  }
}
