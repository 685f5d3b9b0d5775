import Foundation
import SuiteSupport
import TestSupport
import Testing

/// A service of systemd: its sockets, and what it tells the manager.
@Suite(.serialized, .bounded) struct SystemdTests {
  @Test func theManagerIsToldWhenTheServerServesReloadsAndStops() throws {
    let manager = try NotifySocket()
    let server = try Server(
      ["-k", "green", "-w", "2"], environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"])
    let ready = try manager.next(with: "READY=1")
    #expect(ready.contains { $0.hasSuffix("of 2 workers serve") })
    let all = "STATUS=2 of 2 workers serve"
    if !ready.contains(all) { _ = try manager.next(with: all) }
    _ = try manager.next(with: "WATCHDOG=1")
    _ = try manager.next(with: "WATCHDOG=1")
    let before = monotonicNanoseconds() / 1000
    kill(server.pid, SIGHUP)
    let reloading = try manager.next(with: "RELOADING=1")
    let stamp = try #require(reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }?.split(separator: "=").last)
    #expect(try #require(UInt64(stamp)) >= before)
    _ = try manager.next(with: "READY=1")
    kill(server.pid, SIGTERM)
    _ = try manager.next(with: "STOPPING=1")
    #expect(server.waitForEnd() == 0)
  }

  @Test func theManagerIsToldWhichMasterIsTheServersWhenAnotherTakesOver() throws {
    let manager = try NotifySocket()
    let server = try Server(["-k", "green"], environment: ["NOTIFY_SOCKET": manager.path])
    _ = try manager.next(with: "READY=1")
    let successor = try server.startSuccessor()
    kill(server.pid, SIGTERM)
    #expect(try manager.next(with: "MAINPID=") == ["MAINPID=\(successor)"])
    #expect(server.waitForEnd() == 0)
    kill(successor, SIGTERM)
    _ = try manager.next(with: "STOPPING=1")
    try server.waitUntil("the end of the new master") { !exists(successor) }
  }

  @Test func theWatchdogHearsNothingOfAServerWhoseWorkersAreDead() throws {
    let manager = try NotifySocket()
    let server = try Server(
      ["-k", "green", "--timeout", "0"], environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"])
    _ = try manager.next(with: "WATCHDOG=1")
    // A master that does not go round does not tell either.
    kill(server.pid, SIGSTOP)
    try server.waitUntil("its stop") {
      try String(contentsOfFile: "/proc/\(server.pid)/stat", encoding: .utf8).contains(") T ")
    }
    while (try? manager.next(seconds: 0)) != nil {}
    usleep(500_000)
    #expect((try? manager.next(seconds: 0)) == nil)
    kill(server.pid, SIGCONT)
    _ = try manager.next(with: "WATCHDOG=1")
    #expect(server.stop() == 0)
  }

  @Test(arguments: ["unix:/unused.sock", "fd://web", "fd://3"])
  func socketsThatTheManagerHasOpenedAreServed(_ bind: String) throws {
    let path = "/tmp/greenfinch-activated-\(UUID().uuidString).sock"
    defer { unlink(path) }
    let variables = ["PATH", "LD_LIBRARY_PATH", "GREENFINCH_PROGRAMS"].filter {
      ProcessInfo.processInfo.environment[$0] != nil
    }
    // Foundation takes a process that closes what it has inherited, as this one does, for ended: a shell stands between. It
    // may not hear of its child's end, since Dispatch's threads block SIGCHLD.
    let script = #""$@" & wait $!"#
    let activate = ["systemd-socket-activate", "-l", path, "--fdname=web"] + variables.flatMap { ["-E", $0] }
    let server = try Server(
      "/bin/sh", ["-c", script, "sh"] + activate + [Program("app").path, "-k", "green"], bind: bind,
      waits: false)
    // The program is started by the first connection, which waits for it.
    try server.waitUntil("a socket") { FileManager.default.fileExists(atPath: path) }
    let outcome = try Program(system: "curl").run(["-s", "--max-time", "60", "--unix-socket", path, "http://x/pid"])
    let master = try #require(children(of: server.pid).first)
    #expect(children(of: master).map { "\($0)" } == [outcome.output], "\(outcome.errors)\(server.log)")
    #expect(server.logged("Listening at: unix:\(path)"), "\(server.log)")
    kill(master, SIGTERM)
    try server.waitUntil("the server's end") { !exists(master) }
    #expect(server.logged("Shutting down: Master"))
    // It is the manager's, which goes on with it.
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func aNameThatTheManagerHasNotGivenIsAnError() throws {
    let outcome = try Program("app").run(["--bind", "fd://web"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("systemd has opened no socket with that name"), "\(outcome.errors)")
    let number = try Program("app").run(["--bind", "fd://1000"])
    #expect(number.errors.contains("the server was started without a descriptor 1000"), "\(number.errors)")
  }

  @Test func theUnitsOfTheExampleAreRight() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/systemd")
    for name in ["shop.socket", "shop.service"] {
      let text = try String(contentsOf: example.appending(path: name), encoding: .utf8)
      try text.replacingOccurrences(of: "/usr/local/bin/shop", with: Program("app").path)
        .write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let outcome = try Program(system: "systemd-analyze").run([
      "verify", "--man=no", folder.path + "/shop.socket", folder.path + "/shop.service",
    ])
    let complaints = outcome.errors.split(separator: "\n").filter { $0.contains("shop.") }
    #expect(outcome.status == 0 && complaints.isEmpty, "\(outcome.errors)")
  }

  @Test func theCommandOfTheExampleIsUnderstood() throws {
    let unit = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Examples/systemd/shop.service"), encoding: .utf8)
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let arguments = line.split(separator: " ").dropFirst().map(String.init)
    let outcome = try Program("app").run(arguments + ["--check-config"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}

/// The clock of `MONOTONIC_USEC`, in nanoseconds.
private func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
