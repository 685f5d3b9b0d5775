import CSandbox
import CaseSupport
import Glibc
import Green

private func temporaryFolder() throws -> String {
  var name = Array("/tmp/greenfinch-case-XXXXXX".utf8CString)
  guard mkdtemp(&name) != nil else { throw Failure(description: "mkdtemp failed") }
  return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func touch(_ path: String) { close(open(path, O_CREAT | O_WRONLY, 0o600)) }

private func removeFolder(_ path: String) throws { _ = try ChildProcess.run(["rm", "-rf", path]) }

let fileCases = [
  Case("a forked child does not take its parent's file events, and watches anew") {
    let folder = try temporaryFolder()
    defer { try? removeFolder(folder) }
    let watcher = try FileWatcher()
    try watcher.watch(folder)
    let status = try FileStatusWatcher(folder + "/a", interval: .milliseconds(100))
    let waiting = Fiber.spawn { try watcher.next(until: .after(.seconds(10))).path }
    try Fiber.sleep(for: .milliseconds(5))
    let child = inForkedChild {
      try expectEqual(Hub.current!.fiberCount, 1, "fibers")
      try expectEqual(thrown { _ = try watcher.next(until: .never) } ?? "", "Bad file descriptor")
      try expectEqual(thrown { try watcher.watch("/tmp") } ?? "", "Bad file descriptor")
      watcher.unwatch(folder)
      watcher.close()
      let mine = try FileWatcher()
      try mine.watch(folder)
      touch(folder + "/a")
      try expectEqual(try mine.next(until: .after(.seconds(5))).path, folder + "/a")
      guard case .present = try status.next(until: .after(.seconds(5))) else { return 1 }
      return 7
    }
    try expectEqual(child, exited(7), "the child's status")
    try expectEqual(try waiting.value, folder + "/a")
    guard case .present = try status.next(until: .after(.seconds(5))) else { throw Failure(description: "no file") }
    touch(folder + "/b")
    try expectEqual(try watcher.next(until: .after(.seconds(5))).path, folder + "/b")
  },
  Case("a limit of inotify is an error that names the setting") {
    try isolated {
      // Not everywhere may a process have a user namespace of its own.
      guard csandbox_limit_inotify(2, 1) == 0 else { return }
      let watcher = try FileWatcher()
      try watcher.watch("/")
      try watcher.watch("/usr")
      let watches = thrown { try watcher.watch("/etc") } ?? ""
      try expect(watches.contains("fs.inotify.max_user_watches") && watches.contains("/etc"), watches)
      let instances = thrown { _ = try FileWatcher() } ?? ""
      try expect(instances.contains("fs.inotify.max_user_instances"), instances)
      // Looking again and again needs no inotify.
      let folder = try temporaryFolder()
      let status = try FileStatusWatcher(folder + "/later", interval: .milliseconds(100))
      touch(folder + "/later")
      guard case .present = try status.next(until: .after(.seconds(5))) else { throw Failure(description: "not seen") }
      unlink(folder + "/later")
      rmdir(folder)
    }
  },
]
