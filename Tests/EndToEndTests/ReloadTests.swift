import Foundation
import SuiteSupport
import TestSupport
import Testing

/// HUP: workers of the program on disk, with the settings as they are now, take the place of those that serve.
@Suite(.serialized, .bounded) struct ReloadTests {
  @Test(arguments: severalAtOnce)
  func noRequestFailsWhileWorkersAreReplaced(_ arguments: [String]) throws {
    let server = try Server(arguments + ["-w", "2"])
    let load = Load(on: server.port)
    try server.waitUntil("the first workers' answers") { load.answering.isSuperset(of: server.workers) }
    for _ in 0..<3 {
      let before = server.workers
      kill(server.pid, SIGHUP)
      try server.waitUntil("new workers") {
        let now = server.workers
        return now.count == 2 && Set(now).isDisjoint(with: before) && load.answering.isSuperset(of: now)
      }
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(outcome.answers.count == 8)
    #expect(server.stop() == 0)
  }

  @Test(arguments: severalAtOnce)
  func aProgramThatCannotStartReplacesNobody(_ arguments: [String]) throws {
    let folder = try newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let program = folder + "/app"
    try copyProgram(Program("app").path, to: program)
    let server = try Server(program, arguments + ["-w", "2"])
    let before = server.workers
    let load = Load(on: server.port)

    // A new file, as a deployment makes one: what runs keeps the old.
    try FileManager.default.removeItem(atPath: program)
    try copyProgram("/bin/false", to: program)
    kill(server.pid, SIGHUP)
    #expect(
      server.logged("The workers are not replaced, since a new one cannot start: it exited with code 1"),
      "\(server.log)")
    try server.waitUntil("the old workers alone") { server.workers == before }

    try FileManager.default.removeItem(atPath: program)
    kill(server.pid, SIGHUP)
    #expect(server.logged("Cannot reload: open of \(program): No such file or directory"), "\(server.log)")
    #expect(server.workers == before)

    // Once it can start, it does.
    try copyProgram(Program("app").path, to: program)
    kill(server.pid, SIGHUP)
    try server.waitUntil("new workers") {
      server.workers.count == 2 && Set(server.workers).isDisjoint(with: before)
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: severalAtOnce)
  func aProgramThatHangsOrCrashesAtItsStartReplacesNobody(_ arguments: [String]) throws {
    let folder = try newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let order = folder + "/order"
    let server = try Server(
      arguments + ["-w", "2", "--boot-timeout", "8"],
      environment: ["APP_BOOT": order, "SWIFT_BACKTRACE": "enable=no"])
    try server.waitForAnswers(of: 2)
    let before = server.workers
    let load = Load(on: server.port)
    for (what, why) in [("hang", "it did not serve within 8 s"), ("crash", "it was killed by SIG")] {
      try Data(what.utf8).write(to: URL(fileURLWithPath: order))
      kill(server.pid, SIGHUP)
      #expect(
        server.logged("The workers are not replaced, since a new one cannot start: \(why)"),
        "\(server.log)")
      try server.waitUntil("the old workers alone") { server.workers == before }
    }
    try Data().write(to: URL(fileURLWithPath: order))
    kill(server.pid, SIGHUP)
    try server.waitUntil("new workers") {
      server.workers.count == 2 && Set(server.workers).isDisjoint(with: before)
    }
    let outcome = load.stop()
    #expect(outcome.failures == [], "\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test func theFileOfSettingsIsReadAgain() throws {
    let folder = try newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/settings.json"
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
    try write(#"{"workers": 1, "worker_class": "green"}"#)
    let server = try Server(["-c", file])
    let before = server.workers
    #expect(before.count == 1)

    try write(#"{"workers": "many"}"#)
    kill(server.pid, SIGHUP)
    #expect(server.logged("Cannot reload: "), "\(server.log)")
    try write(#"{"accesslog": "/nowhere/access.log"}"#)
    kill(server.pid, SIGHUP)
    #expect(
      server.logged(
        "Cannot reload: --access-logfile '/nowhere/access.log' cannot be opened: No such file or directory"),
      "\(server.log)")
    #expect(server.workers == before)

    try write(#"{"workers": 3, "worker_class": "green"}"#)
    kill(server.pid, SIGHUP)
    try server.waitUntil("three new workers") {
      server.workers.count == 3 && !server.workers.contains(before[0])
    }
    // What TTIN has added is forgotten, as gunicorn forgets it.
    kill(server.pid, SIGTTIN)
    try server.waitUntil("a fourth") { server.workers.count == 4 }
    let four = server.workers
    kill(server.pid, SIGHUP)
    try server.waitUntil("three again") {
      server.workers.count == 3 && Set(server.workers).isDisjoint(with: four)
    }
    #expect(server.stop() == 0)
  }

  @Test func whatTheProgramHasSetStays() throws {
    let server = try Server(["-k", "green"], environment: ["APP_WORKERS": "2"])
    try server.waitUntil("two workers") { server.workers.count == 2 }
    let before = server.workers
    kill(server.pid, SIGHUP)
    try server.waitUntil("two new workers") {
      server.workers.count == 2 && Set(server.workers).isDisjoint(with: before)
    }
    #expect(server.stop() == 0)
  }

  @Test func aLinkToAReleaseLeadsToTheNextOne() throws {
    let folder = try newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (release, workers) in [("one", 1), ("two", 2)] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(release)", withIntermediateDirectories: true)
      try copyProgram(Program("app").path, to: "\(folder)/\(release)/app")
      let settings = Data(#"{"workers": \#(workers), "worker_class": "green"}"#.utf8)
      try settings.write(to: URL(fileURLWithPath: "\(folder)/\(release)/greenfinch.json"))
    }
    let link = folder + "/current"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "one")
    let server = try Server("/bin/sh", ["-c", "cd \"$0\" && export PWD && exec ./app \"$@\"", link])
    #expect(server.workers.count == 1)

    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "two")
    kill(server.pid, SIGHUP)
    try server.waitUntil("two workers of the next release") {
      let programs = server.workers.map {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/exe")
      }
      return programs.count == 2 && programs.allSatisfy { $0?.hasSuffix("/two/app") == true }
    }
    #expect(server.stop() == 0)
  }
}

private func newFolder() throws -> String {
  let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.path
}
