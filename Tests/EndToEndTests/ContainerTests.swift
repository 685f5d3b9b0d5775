import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Where parts of the system are missing that a process usually has.
@Suite(.serialized, .bounded) struct ContainerTests {
  /// Runs what follows where nothing is mounted at /proc.
  private let withoutProc = ["-rm", "/bin/sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" \"$@\""]

  @Test(.disabled(if: Sanitizer.current != nil, "a sanitizer reads /proc itself"), arguments: everyClass)
  func withoutProcTheCommandLineIsReadAndWorkersStart(_ arguments: [String]) throws {
    guard try Program(system: "unshare").run(withoutProc + ["/bin/true"]).status == 0 else {
      try Test.cancel("no namespace without /proc can be had here")
    }
    let server = try Server(
      Program(system: "unshare").path, withoutProc + [Program("app").path, "-w", "2"] + arguments)
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.stop() == 0, "\(server.log)")
  }

  @Test(.disabled(if: Sanitizer.current != nil, "Valgrind does not run a sanitizer's program"))
  func workersStartUnderValgrind() throws {
    // Without the lines' numbers, some forms of which Valgrind gives up at.
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("app-\(UUID().uuidString)").path
    defer { unlink(copy) }
    #expect(try Program(system: "strip").run(["-g", "-o", copy, Program("app").path]).status == 0)
    let server = try Server(
      Program(system: "valgrind").path, ["--tool=none", "-q", copy, "-k", "green"], waits: false)
    try server.waitUntil("an answer", seconds: 180) { (try? get(server.port, "/pid"))?.status == 200 }
    #expect(server.stop() == 0, "\(server.log)")
  }

  @Test func aRefusedCallIsNamed() throws {
    let server = try Server(["-k", "green"], environment: ["APP_NO_MEMFD": "1"], waits: false)
    #expect(server.waitForEnd() == 1)
    #expect(server.logged("Cannot start: memfd_create"), "\(server.log)")
  }

  @Test(arguments: everyClass) func withoutTimerDescriptorsAWorkerServesAllTheSame(_ arguments: [String]) throws {
    let server = try Server(arguments, environment: ["APP_NO_TIMERFD": "1"])
    let worker = server.workers[0]
    let folder = "/proc/\(worker)/fd/"
    let open = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: folder + $0)
    }
    #expect(!open.isEmpty && !open.contains { $0.contains("timerfd") }, "\(open)")
    // Shorter and longer than what the loop times by a descriptor.
    for path in ["/sleep/1", "/sleep/20"] { #expect(try get(server.port, path).body == "slept") }
    for _ in 0..<20 { #expect(try get(server.port, "/pid").body == "\(worker)") }
    #expect(server.workers == [worker])
    #expect(server.stop() == 0, "\(server.log)")
  }

  @Test func theStackCensusIsToldByAWorkerThatTERMEnds() throws {
    let server = try Server(["-k", "green"], environment: ["GREEN_STACK_CENSUS": "1"])
    let worker = server.workers[0]
    #expect(try get(server.port, "/pid").status == 200)
    #expect(server.stop() == 0)
    #expect(server.logged("in process \(worker): "), "\(server.log)")
  }
}
