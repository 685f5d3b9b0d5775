import Foundation
import SuiteSupport
import TestSupport
import Testing

private let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../../../Scripts/gdb/greenfinch.py").standardizedFileURL.path

private func gdb(_ commands: [String], _ program: [String]) throws -> Program.Outcome {
  try Program(system: "gdb").run(
    ["-nx", "-batch", "-iex", "set complaints 0"] + commands.flatMap { ["-ex", $0] } + ["--args"] + program,
    environment: ["DEBUGINFOD_URLS": "", "SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0"])
}

/// Whether gdb is here, speaks Python, and is allowed to trace: containers may forbid it.
private let canDebug: Bool = {
  let outcome = try? gdb(["python print(6 * 7)", "run"], ["/bin/true"])
  return outcome?.output.contains("42") == true && outcome?.output.contains("exited normally") == true
}()

private let isSanitized = Sanitizer.current != nil

/// Whether the kernel writes cores into the working folder, and may.
private let canDump: Bool = {
  let pattern = (try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)) ?? "|"
  var limit = rlimit()
  // RLIMIT_CORE, an enumeration or a number, as the modules that Swift sees it through have it.
  return getrlimit(.init(4), &limit) == 0 && limit.rlim_max > 1 << 30 && !pattern.contains { "|/".contains($0) }
}()

@Suite(.enabled(if: canDebug, "gdb cannot trace here"), .bounded) struct DebuggerTests {
  private let program = Program("runtime").path
  private let hidden = "parked for a debugger"

  /// What every look at the fibers is to show, of a process or of a core.
  private func expectFibers(_ output: String) throws {
    let list = try #require(output.components(separatedBy: "== list\n").last?.components(separatedBy: "== ").first)
    #expect(list.contains(/hub of thread \d+: 5 fibers\n/), "\(list)")
    #expect(list.contains(/fiber \d+ "main" running, spawned at Green\/Hub\+Run.swift:\d+\n/), "\(list)")
    let site = /spawned at runtime\/InspectCases.swift:\d+ by fiber \d+\n/
    #expect(list.matches(of: site).count == 4, "\(list)")
    #expect(list.contains(/"waiting" parked \(event: 0x[0-9a-f]+\), spawned/), "\(list)")
    let descriptor = try #require(output.firstMatch(of: /descriptor (\d+)/)?.1)
    #expect(list.contains("\"reading\" parked (readable: descriptor \(descriptor)), spawned"), "\(list)")
    #expect(list.contains("\"new\" ready, spawned"), "\(list)")
    #expect(
      list.contains(/"locked out" parked \(mutex 0x[0-9a-f]+, held by thread 0x[0-9a-f]+\), spawned/), "\(list)")

    let calls = try #require(output.components(separatedBy: "== calls\n").last?.components(separatedBy: "== ").first)
    #expect(calls.hasPrefix("fiber ") && calls.contains("\"waiting\" parked"), "\(calls)")
    #expect(calls.contains("waitForTheDebugger") && calls.contains("cfiber_begin"), "\(calls)")
    #expect(!calls.contains("raise"), "\(calls)")
  }

  private let look = ["echo == list\\n", "green fibers", "echo == calls\\n", "green bt waiting", "echo == \\n"]

  @Test func fibersOfAProcessAreListedWithTheirWaitsSitesAndCalls() throws {
    let outcome = try gdb(
      ["run", "source \(script)"] + look + ["green all bt", "green bt nobody"], [program, hidden])
    try expectFibers(outcome.errors + outcome.output)
    let all = outcome.output.components(separatedBy: "== ").last ?? ""
    #expect(all.contains("waitForTheDebugger") && all.contains("it is running"), "\(all)")
    #expect(outcome.errors.contains("there is no fiber nobody"), "\(outcome.errors)")
  }

  @Test func enteringAFiberShowsItsCallsLeavingItTheThreadsAndTheProcessGoesOn() throws {
    let outcome = try gdb(
      [
        "run", "source \(script)", "echo == before\\n", "bt", "green fiber waiting", "echo == inside\\n", "bt",
        "green fiber", "echo == after\\n", "bt", "green fiber reading", "echo == end\\n", "continue",
      ], [program, hidden])
    let parts = outcome.output.components(separatedBy: "== ")
    let part = { (name: String) in parts.first { $0.hasPrefix(name) }?.dropFirst(name.count) ?? "" }
    #expect(part("before").contains("raise") && !part("before").contains("waitForTheDebugger"), "\(parts)")
    #expect(part("inside").contains("waitForTheDebugger") && !part("inside").contains("raise"), "\(parts)")
    #expect(part("inside").contains("#0") && part("inside").contains("cfiber_begin"), "\(parts)")
    #expect(!part("inside").contains("corrupt"), "\(parts)")
    #expect(part("after").contains("raise") && !part("after").contains("waitForTheDebugger"), "\(parts)")
    #expect(part("end").contains("exited normally"), "\(parts)")
  }

  @Test func theCallsOnABigStackEndAtItsFirst() throws {
    let outcome = try gdb(
      ["run", "echo == bt\\n", "bt", "echo == end\\n", "continue"], [program, "on a big stack for a debugger"])
    let calls = outcome.output.components(separatedBy: "== ").first { $0.hasPrefix("bt") } ?? ""
    #expect(calls.contains("stopForTheDebugger") && calls.contains("cfiber_begin"), "\(outcome.output)")
    #expect(!(outcome.output + outcome.errors).contains("corrupt"), "\(calls)")
    #expect(outcome.output.contains("exited normally"), "\(outcome.output)")
  }

  @Test(.enabled(if: canDump && !isSanitized, "no core is written here"))
  func fibersOfACoreAreListedWithTheirWaitsSitesAndCalls() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("core-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = "cd '\(folder.path)' && ulimit -c unlimited && exec '\(program)' '\(hidden)'"
    let crash = try Program("/bin/sh").run(["-c", run], environment: ["SWIFT_BACKTRACE": "enable=no"])
    #expect(crash.status == 128 + SIGTRAP)
    let core = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
    let outcome = try gdb(["core-file \(folder.path)/\(core)", "source \(script)"] + look, [program])
    try expectFibers(crash.errors + outcome.output)
  }

  @Test func aProgramWithoutFibersIsToldSo() throws {
    let outcome = try gdb(["source \(script)", "green fibers"], ["/bin/true"])
    #expect(outcome.errors.contains("this program has no fibers"), "\(outcome.errors)")
  }
}
