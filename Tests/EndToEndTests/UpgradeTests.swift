import Foundation
import SuiteSupport
import TestSupport
import Testing

/// USR2: another master, of the program on disk, takes the server over with its sockets, or does not.
@Suite(.serialized, .bounded) struct UpgradeTests {
  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileANewMasterTakesOver(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let load = Load(on: server.port)
    try server.waitUntil("the first workers' answers") { load.answering.isSuperset(of: server.workers) }
    let successor = try server.startSuccessor()
    try server.waitUntil("answers of the new workers") {
      children(of: successor).count == 2 && load.answering.isSuperset(of: children(of: successor))
    }
    #expect(server.stop() == 0)
    #expect(server.logged("[\(successor)] [INFO] Master has been promoted."), "\(server.log)")
    try server.waitUntil("its own title") { title(of: successor) == "greenfinch: master [app]" }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count == 4)
    kill(successor, SIGTERM)
    try server.waitUntil("the end of the new master") { !exists(successor) }
  }

  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileANewMasterIsTakenBack(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let old = server.workers
    let load = Load(on: server.port)
    for _ in 0..<2 {
      let successor = try server.startSuccessor()
      #expect(title(of: successor) == "greenfinch: master [app.2]")
      let new = children(of: successor)
      try server.waitUntil("answers of the new workers") { load.answering.isSuperset(of: new) }
      kill(successor, SIGTERM)
      try server.waitUntil("the end of the new master") { !exists(successor) }
      #expect(server.logged("The new master (pid:\(successor)) exited with code 0: this one goes on."))
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(server.workers == old)
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: !hasTerminal, "WINCH is ignored where it may come of a window"), arguments: severalAtOnce)
  func noRequestFailsWhileTheOldWorkersLeaveAndComeBack(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let load = Load(on: server.port)
    let successor = try server.startSuccessor()
    kill(server.pid, SIGWINCH)
    try server.waitUntil("the old workers' end") { server.workers == [successor] }
    kill(server.pid, SIGHUP)
    try server.waitUntil("old workers again") {
      server.workers.count == 3 && load.answering.isSuperset(of: server.workers.filter { $0 != successor })
    }
    // And by themselves, when nobody else serves any more.
    kill(server.pid, SIGWINCH)
    try server.waitUntil("the old workers' end") { server.workers == [successor] }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    kill(successor, SIGKILL)
    try server.waitUntil("old workers") { server.workers.count == 2 }
    try server.waitUntil("an answer") { (try? get(server.port, "/pid"))?.status == 200 }
    #expect(server.stop() == 0)
  }

  @Test func aNewMasterThatCannotStartChangesNothing() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appending(path: "app").path
    try copyProgram(Program("app").path, to: program)
    let server = try Server(program, ["-k", "green"])
    let workers = server.workers
    try FileManager.default.removeItem(atPath: program)
    kill(server.pid, SIGUSR2)
    #expect(
      server.logged("Cannot start a new master: fork and exec of \(program): No such file or directory"),
      "\(server.log)")
    try copyProgram("/bin/false", to: program)
    kill(server.pid, SIGUSR2)
    #expect(server.logged("exited with code 1 before it served: this one goes on."), "\(server.log)")
    #expect(server.workers == workers)
    #expect(try get(server.port, "/pid").status == 200)
    // Once it can start, it does, and what is on disk serves.
    try FileManager.default.removeItem(atPath: program)
    try copyProgram(Program("app").path, to: program)
    let successor = try server.startSuccessor()
    kill(server.pid, SIGKILL)
    #expect(server.logged("Master has been promoted."), "\(server.log)")
    // The worker of the killed master may answer until it has seen that.
    try server.waitUntil("an answer of the new worker") {
      (try? get(server.port, "/pid"))?.body == "\(children(of: successor).first ?? 0)"
    }
    kill(successor, SIGTERM)
    try server.waitUntil("the end of the new master") { !exists(successor) }
  }

  @Test(arguments: [true, false])
  func aSocketFileStaysForTheOneThatGoesOn(_ isTakenOver: Bool) throws {
    let path = "/tmp/greenfinch-upgrade-\(UUID().uuidString).sock"
    defer { unlink(path) }
    let server = try Server(["-k", "green"], bind: "unix:\(path)")
    let successor = try server.startSuccessor()
    if isTakenOver {
      #expect(server.stop() == 0)
      #expect(server.logged("Master has been promoted."), "\(server.log)")
    } else {
      kill(successor, SIGTERM)
      #expect(server.logged("this one goes on"), "\(server.log)")
    }
    let outcome = try Program(system: "curl").run(["-s", "--max-time", "60", "--unix-socket", path, "http://x/pid"])
    #expect(Int(outcome.output) != nil, "\(outcome.output)\(outcome.errors)\(server.log)")
    if isTakenOver { kill(successor, SIGTERM) } else { #expect(server.stop() == 0) }
    try server.waitUntil("the end") { !exists(isTakenOver ? successor : server.pid) }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}

/// What `ps` shows of a process.
private func title(of pid: pid_t) -> String {
  let line = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline"))) ?? Data()
  return String(decoding: line.prefix { $0 != 0 }, as: UTF8.self)
}

/// Whether these tests have a terminal, and their servers with them.
private let hasTerminal: Bool = {
  let terminal = open("/dev/tty", O_RDWR | O_NOCTTY)
  if terminal >= 0 { close(terminal) }
  return terminal >= 0
}()
