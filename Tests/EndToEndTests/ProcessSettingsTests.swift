import Foundation
import SuiteSupport
import TestSupport
import Testing

/// As whom, where and under which name the processes of a real server run.
@Suite(.serialized, .bounded) struct ProcessSettingsTests {
  private static let isRoot = geteuid() == 0

  private func folder() throws -> String {
    let folder = "/tmp/greenfinch-process-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  /// A line of /proc/PID/status, without its name.
  private func status(_ pid: pid_t, _ name: String) throws -> String {
    let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + ":") })
    return line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func owner(_ path: String) -> [UInt32] {
    var status = stat()
    return lstat(path, &status) == 0 ? [status.st_uid, status.st_gid] : []
  }

  @Test(.enabled(if: isRoot), arguments: everyClass)
  func workersAreTheUserThatIsAskedFor(_ arguments: [String]) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (log, socket) = (folder + "/access.log", folder + "/web.sock")
    let server = try Server(
      arguments + ["--user", "65534", "--group", "65533", "--access-logfile", log, "-b", "unix:\(socket)"])
    let worker = try #require(server.workers.first)
    #expect(try status(worker, "Uid") == "65534 65534 65534 65534")
    #expect(try status(worker, "Gid") == "65533 65533 65533 65533")
    #expect(try status(worker, "Groups") == "65533")
    #expect(try status(server.pid, "Uid") == "0 0 0 0")
    // What was made for them is theirs, so that they can write to it.
    #expect(owner(log) == [65_534, 65_533] && owner(socket) == [65_534, 65_533])
    #expect(try get(server.port, "/pid").body == "\(worker)")
    try server.waitUntil("a line") { try String(contentsOfFile: log, encoding: .utf8).contains("GET /pid") }
    // After a rotation there is a new file in a folder where they may make none.
    try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
    kill(server.pid, SIGUSR1)
    try server.waitUntil("a new file") { owner(log) == [65_534, 65_533] }
    try server.waitUntil("a line in it") {
      _ = try get(server.port, "/pid")
      return try String(contentsOfFile: log, encoding: .utf8).contains("GET /pid")
    }
    // A master that is killed takes them along, as it does those of its own user.
    kill(server.pid, SIGKILL)
    try server.waitUntil("the worker's end") { !exists(worker) }
  }

  /// The arguments of a server whose workers own the folder of its log, the log, and a file of root's.
  private func sharedLog(in folder: String) throws -> (arguments: [String], log: String, secret: String) {
    let (logs, secret) = (folder + "/logs", folder + "/secret")
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    #expect(chown(logs, 65_534, 65_533) == 0)
    try "secret\n".write(toFile: secret, atomically: false, encoding: .utf8)
    let log = logs + "/access.log"
    return (["--user", "65534", "--group", "65533", "--access-logfile", log], log, secret)
  }

  @Test(.enabled(if: isRoot)) func whatIsPutUnderTheNameOfALogStaysWhoseItIs() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (arguments, log, secret) = try sharedLog(in: folder)
    let server = try Server(arguments)
    #expect(owner(log) == [65_534, 65_533])
    // In one step: a process that comes late to the reopening before would make the file anew in between.
    func reopen(_ put: (String) -> CInt) {
      let next = log + ".next"
      let result = put(next) == 0 ? rename(next, log) : -1
      #expect(result == 0, "errno \(errno)")
      kill(server.pid, SIGUSR1)
    }
    reopen { symlink(secret, $0) == 0 ? lchown($0, 65_534, 65_533) : -1 }
    #expect(server.logged("it is a symbolic link that root has not made"), "\(server.log)")
    reopen { link(secret, $0) }
    #expect(server.logged("it has several names and is not the workers'"), "\(server.log)")
    // As logrotate's `create` leaves it.
    let fresh = folder + "/fresh"
    try "".write(toFile: fresh, atomically: false, encoding: .utf8)
    reopen { rename(fresh, $0) }
    try server.waitUntil("an empty file that is theirs") { owner(log) == [65_534, 65_533] }
    // Where a link of root's leads, it was root who has said so.
    try "".write(toFile: fresh, atomically: false, encoding: .utf8)
    #expect(chown(fresh, 65_534, 65_533) == 0)
    reopen { symlink(fresh, $0) }
    try server.waitUntil("a line behind the link") {
      _ = try get(server.port, "/pid")
      return try String(contentsOfFile: fresh, encoding: .utf8).contains("GET /pid")
    }
    #expect(owner(secret) == [0, 0])
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "secret\n")
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: isRoot)) func noLogOfSomebodyElseIsTakenAtTheStart() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (arguments, log, secret) = try sharedLog(in: folder)
    let address = "127.0.0.1:\(try freePort())"
    for option in ["--access-logfile", "--error-logfile"] {
      unlink(log)
      #expect(symlink(secret, log) == 0 && lchown(log, 65_534, 65_533) == 0)
      let outcome = try Program("app").run(arguments.dropLast(2) + [option, log, "--bind", address])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.contains("\(option) '\(log)' cannot be opened: it is a symbolic link that root has not made"),
        "\(outcome.errors)")
    }
    // One with something in it may have been moved there.
    unlink(log)
    #expect(rename(secret, log) == 0 && chmod(log, 0o600) == 0)
    let outcome = try Program("app").run(arguments + ["--bind", address])
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(owner(log) == [0, 0])
    #expect(try String(contentsOfFile: log, encoding: .utf8) == "secret\n")
  }

  @Test(.enabled(if: isRoot)) func onlyRootCanBecomeAnother() throws {
    let outcome = try Program(system: "setpriv").run([
      "--reuid=65534", "--regid=65534", "--clear-groups", Program("app").path, "--user", "1", "--bind",
      "127.0.0.1:\(try freePort())",
    ])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "Error: --user is '1', whom only root can make of a process: start the server as root, or leave it to systemd "
        + "by User= and Group=.\n")
  }

  @Test func theServerWorksInTheDirectoryThatIsAskedFor() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try Server(["--chdir", folder, "--access-logfile", "access.log", "--pid", "web.pid"])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server.workers[0])/cwd") == folder)
    #expect(FileManager.default.fileExists(atPath: folder + "/access.log"))
    #expect(try String(contentsOfFile: folder + "/web.pid", encoding: .utf8) == "\(server.pid)\n")
    #expect(server.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: folder + "/web.pid"))
  }

  @Test func variablesAndNamesAreAllProcesses() throws {
    let server = try Server(["--env", "GREENFINCH_TEST=a=b", "--name", "shop"])
    #expect(try get(server.port, "/variable/GREENFINCH_TEST").body == "a=b")
    func title(_ pid: pid_t) throws -> String {
      String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")).prefix { $0 != 0 }, as: UTF8.self)
    }
    #expect(try title(server.pid) == "greenfinch: master [shop]")
    #expect(try title(server.workers[0]) == "greenfinch: worker [shop]")
  }

  @Test func aServerWhoseNumberIsInTheFileIsNotStartedTwice() throws {
    let path = "/tmp/greenfinch-\(UUID().uuidString).pid"
    defer { unlink(path) }
    let server = try Server(["--pid", path])
    let second = try Program("app").run(["--pid", path, "--bind", "127.0.0.1:\(try freePort())"])
    #expect(second.status == 1)
    #expect(
      second.errors.contains("Error: --pid is '\(path)', where process \(server.pid) is, which runs"),
      "\(second.errors)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(server.pid)\n")
    kill(server.pid, SIGKILL)
    _ = server.waitForEnd()
    let third = try Server(["--pid", path])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(third.pid)\n")
    #expect(third.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theFileWithTheNumberGoesToTheMasterThatTakesOver() throws {
    let path = "/tmp/greenfinch-\(UUID().uuidString).pid"
    func number(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    let server = try Server(["-k", "green", "--pid", path])
    let back = try server.startSuccessor()
    #expect(number(path) == "\(server.pid)\n" && number(path + ".2") == "\(back)\n")
    kill(back, SIGTERM)
    try server.waitUntil("the end of the new master") { !exists(back) && number(path + ".2") == nil }
    #expect(number(path) == "\(server.pid)\n")
    let successor = try server.startSuccessor()
    #expect(server.stop() == 0)
    try server.waitUntil("its number") { number(path) == "\(successor)\n" && number(path + ".2") == nil }
    kill(successor, SIGTERM)
    try server.waitUntil("the end of the file") { !exists(successor) && number(path) == nil }
  }

  @Test func aServerInTheBackgroundServesWhenItsCommandEnds() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let port = try freePort()
    let outcome = try Program("app").run([
      "-D", "--pid", folder + "/pid", "--chdir", folder, "--bind", "127.0.0.1:\(port)", "-k", "green",
    ])
    let text = (try? String(contentsOfFile: folder + "/pid", encoding: .utf8)) ?? ""
    let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(outcome.errors)")
    defer { kill(pid, SIGKILL) }
    #expect(outcome.status == 0, "\(outcome.errors)")
    let worker = try #require(children(of: pid).first)
    #expect(try get(port, "/pid").body == "\(worker)")
    for process in [pid, worker] {
      #expect(getsid(process) == pid)
      for stream in 0...2 {
        let file = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(stream)")
        #expect(file == "/dev/null", "\(process) \(stream)")
      }
    }
    kill(pid, SIGTERM)
    #expect(comesTrue { !exists(pid) })
    #expect(!FileManager.default.fileExists(atPath: folder + "/pid"))
  }

  @Test func aServerInTheBackgroundKeepsItsStreamsWhereItIsAskedTo() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let command = "exec \"$0\" \"$@\" >'\(folder)/output' 2>'\(folder)/errors' </dev/null"
    let outcome = try Program("/bin/sh").run([
      "-c", command, Program("app").path, "-D", "-R", "--pid", folder + "/pid", "--chdir", folder,
      "--bind", "127.0.0.1:\(try freePort())", "-k", "green",
    ])
    let text = (try? String(contentsOfFile: folder + "/pid", encoding: .utf8)) ?? ""
    let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(outcome)")
    defer { kill(pid, SIGKILL) }
    for process in [pid] + children(of: pid) {
      let files = try (1...2).map {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")
      }
      #expect(files.map { $0.split(separator: "/").last } == ["output", "errors"], "\(files)")
    }
    kill(pid, SIGTERM)
    #expect(comesTrue { !exists(pid) })
  }

  @Test func aServerInTheBackgroundThatCannotServeSaysWhyToWhoeverStartsIt() throws {
    let arguments = ["-D", "--bind", "127.0.0.1:\(try freePort())"]
    let outcome = try Program("app").run(arguments, environment: ["APP_FAILS": "1"])
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("Worker failed to boot."), "\(outcome.errors)")
    let other = try Program("app").run(arguments + ["--pid", "/nonexistent/pid"])
    #expect(other.status == 1)
    #expect(other.errors.contains("--pid is '/nonexistent/pid', which cannot be written"), "\(other.errors)")
  }

  @Test func theLimitOfDescriptorsIsRaisedToFitTheConnections() throws {
    func server(_ limit: String) throws -> Server {
      try Server(
        "/bin/sh",
        [
          "-c", "ulimit \(limit); exec \"$0\" \"$@\"", Program("app").path, "-k", "green", "--worker-connections",
          "500",
        ])
    }
    func allowed(_ pid: pid_t) throws -> Int {
      let text = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max open files") })
      return try #require(Int(line.split(separator: " ")[3]))
    }
    let raised = try server("-Sn 100")
    #expect(try allowed(raised.workers[0]) >= 500)
    #expect(!raised.log.contains("files and sockets open"))
    raised.stop()
    let low = try server("-n 200")
    #expect(low.logged("Each process may have 200 files and sockets open, and a worker may need"), "\(low.log)")
  }
}
