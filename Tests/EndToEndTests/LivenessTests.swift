import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A worker that hangs, and the others.
@Suite(.serialized, .bounded) struct LivenessTests {
  @Test(arguments: [["-k", "sync"], ["-k", "green"], ["-k", "thread", "--threads", "1"]])
  func whileOneHangsTheOthersServe(_ arguments: [String]) throws {
    var told = ""
    // One that is stopped for as long hangs as well, and whoever asks it waits.
    let areServed = try passesOnce {
      let server = try Server(
        arguments + ["-w", "3", "--timeout", "2"], environment: ["SWIFT_BACKTRACE": "enable=no"])
      let (port, workers) = (server.port, server.workers)
      try server.waitForAnswers(of: 3)
      let hanging = Thread.running { (try? get(port, "/spin"))?.body }
      // A connection that the worker had accepted before it hung would be lost with it.
      try server.waitUntil("the hang") { server.log.contains("spinning") }
      var (answers, failures, slowest) = (0, 0, 0.0)
      while Set(server.workers).isSuperset(of: workers) {
        let time = seconds { if (try? get(port, "/pid"))?.status == 200 { answers += 1 } else { failures += 1 } }
        slowest = max(slowest, time)
        usleep(2000)
      }
      #expect(try hanging.get() == nil, "its own request is lost")
      #expect(server.logged("in GET /spin"), "\(server.log)")
      let hung = server.log.components(separatedBy: "WORKER TIMEOUT").count - 1
      #expect(failures == 0 || hung > 1, "\(failures) requests to those that serve are lost: \(server.log)")
      try server.waitUntil("a replacement") { server.workers.count == 3 }
      #expect(server.stop() == 0)
      told = "\(answers) answers, \(failures) failures, the slowest after \(slowest) s"
      print("one of three hangs, \(arguments.joined(separator: " ")): \(told)")
      told += "\n\(server.log)"
      // Nobody waits for the one that hangs until it is killed.
      return answers > 20 && failures == 0 && slowest < 1.5
    }
    #expect(areServed, "\(told)")
  }

  /// As on a machine that has no toolchain.
  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer has handlers of its own"), arguments: everyClass)
  func aHangIsToldWithoutSwiftsBacktracer(_ arguments: [String]) throws {
    var log = ""
    // One that is stopped for a second hangs as well, and in no request.
    let isTold = try passesOnce {
      let server = try Server(
        "/bin/sh",
        ["-c", "unset SWIFT_BACKTRACE; PATH=/nowhere exec \"$0\" \"$@\"", Program("app").path, "--timeout", "1"]
          + arguments.map { $0 == "4" ? "2" : $0 })
      guard let worker = server.workers.first else { return false }
      _ = atOnce(2) { [port = server.port] _ in try? get(port, "/spin") }
      try server.waitUntil("its end") { server.log.contains("WORKER TIMEOUT (pid:\(worker))") }
      try server.waitUntil("a replacement") { (try? get(server.port, "/pid"))?.status == 200 }
      log = server.log
      return log.contains("WORKER TIMEOUT (pid:\(worker)) in GET /spin")
        && log.contains("this worker is ended by a signal; its calls, for swift demangle:")
        // A closure of main.swift, as the linker calls it, with what the optimizer has made of it.
        && log.contains(/\$s3app.*U\d*_\w* \+ 0x[0-9a-f]+ in app/)
    }
    #expect(isTold, "\(log)")
  }
}
