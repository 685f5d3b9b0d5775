import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A worker that hangs, and the others.
@Suite(.serialized, .bounded) struct LivenessTests {
  @Test(arguments: [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "1"]])
  func whileOneHangsTheOthersServe(_ arguments: [String]) throws {
    let server = try Server(
      arguments + ["-w", "3", "--timeout", "2"], environment: ["SWIFT_BACKTRACE": "enable=no"])
    let port = server.port
    let workers = server.workers
    try server.waitForAnswers(of: 3)
    let hanging = Thread.running { (try? get(port, "/spin", timeout: 30))?.body }
    // A connection that the worker had accepted before it hung would be lost with it.
    try server.waitUntil("the hang") { server.log.contains("spinning") }
    var answers = 0, slowest = 0.0
    while Set(server.workers).isSuperset(of: workers) {
      let start = Date()
      #expect(try get(port, "/pid").status == 200, "\(server.log)")
      slowest = max(slowest, Date().timeIntervalSince(start))
      answers += 1
      usleep(2000)
    }
    #expect(try hanging.get() == nil, "its own request is lost")
    print("one of three hangs, \(arguments.joined(separator: " ")): \(answers) answers, the slowest after \(slowest) s")
    #expect(server.logged("in GET /spin"), "\(server.log)")
    #expect(answers > 20)
    #expect(slowest < 1.5, "nobody waits for the one that hangs until it is killed")
    try server.waitUntil("a replacement") { server.workers.count == 3 }
    #expect(server.stop() == 0)
  }

  /// As on a machine that has no toolchain.
  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has handlers of its own"), arguments: everyClass)
  func aHangIsToldWithoutSwiftsBacktracer(_ arguments: [String]) throws {
    let server = try Server(
      "/bin/sh",
      ["-c", "unset SWIFT_BACKTRACE; PATH=/nowhere exec \"$0\" \"$@\"", Program("app").path, "--timeout", "1"]
        + arguments.map { $0 == "4" ? "2" : $0 })
    let worker = server.workers[0]
    _ = atOnce(2) { [port = server.port] _ in try? get(port, "/spin", timeout: 10) }
    try server.waitUntil("its end") { server.log.contains("WORKER TIMEOUT (pid:\(worker)) in GET /spin") }
    #expect(server.log.contains("this worker is ended by a signal; its calls, for swift demangle:"), "\(server.log)")
    // A closure of main.swift, as the linker calls it, with what the optimizer has made of it.
    #expect(server.log.contains(/\$s3app.*U\d*_\w* \+ 0x[0-9a-f]+ in app/), "\(server.log)")
    try server.waitUntil("a replacement") { (try? get(server.port, "/pid"))?.status == 200 }
  }
}
