import Foundation
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// A folder that is gone with the object.
private final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/greenfinch-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ name: String, _ text: String = "x") throws -> String {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    return file(name)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }
  func move(_ old: String, _ new: String) { rename(file(old), file(new)) }
}

private let soon = Duration.seconds(10)

@Suite(.bounded) struct FileWatcherTests {
  @Test func aFolderTellsWhatHappensInIt() throws {
    let folder = try Folder()
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch(folder.path)
      try folder.write("a")
      folder.move("a", "b")
      try folder.remove("b")
      try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
      var events: [FileEvent] = []
      while events.last?.isDirectory != true { events.append(try watcher.next(until: .after(soon))) }
      let kinds = events.map(\.kind).filter { $0 != .modified }
      #expect(kinds == [.created, .movedFrom, .movedTo, .deleted, .created])
      #expect(events.contains { $0.kind == .modified && $0.path == folder.file("a") })
      let (from, to) = (events.first { $0.kind == .movedFrom }!, events.first { $0.kind == .movedTo }!)
      #expect(from.move == to.move && from.move != 0)
      #expect(from.path == folder.file("a") && to.path == folder.file("b"))
      #expect(events.last?.path == folder.file("sub"))
      #expect(throws: Errno.timedOut) { try watcher.next(until: .after(.milliseconds(5))) }
    }
  }

  @Test func aFiberWaitsForTheNextEvent() throws {
    let folder = try Folder()
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch(folder.path, for: [.created])
      let loop = Fiber.spawn {
        var names: [String] = []
        for event in watcher {
          names.append(event.path)
          if names.count == 2 { break }
        }
        return names
      }
      try Fiber.sleep(for: .milliseconds(5))
      try folder.write("one")
      try Fiber.sleep(for: .milliseconds(5))
      try folder.write("two")
      let names = try loop.value
      #expect(names == [folder.file("one"), folder.file("two")])
    }
  }

  @Test func aPlainThreadWaitsToo() throws {
    let folder = try Folder()
    try onThread {
      let watcher = try FileWatcher()
      try watcher.watch(folder.path)
      #expect(throws: Errno.timedOut) { try watcher.next(until: .after(.milliseconds(5))) }
      try folder.write("a")
      let event = try watcher.next(until: .after(soon))
      #expect(event.kind == .created)
    }
  }

  @Test func aWatchedFileTellsOfItsWritesAndItsEnd() throws {
    let folder = try Folder()
    let path = try folder.write("log")
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch(path, for: [.written, .deleted, .attributes])
      try folder.write("log", "more")
      let written = try watcher.next(until: .after(soon))
      #expect(written.kind == .written && written.path == path)
      chmod(path, 0o600)
      let attributes = try watcher.next(until: .after(soon))
      #expect(attributes.kind == .attributes)
      #expect(watcher.watchedPaths == [path])
      try folder.remove("log")
      var event = try watcher.next(until: .after(soon))
      // The number of links is told first.
      if event.kind == .attributes { event = try watcher.next(until: .after(soon)) }
      #expect(event.kind == .deleted && event.path == path)
      #expect(throws: Errno.timedOut) { try watcher.next(until: .after(.milliseconds(5))) }
      #expect(watcher.watchedPaths.isEmpty)
    }
  }

  @Test func whatCannotBeWatchedIsAnErrorThatNamesIt() throws {
    let watcher = try FileWatcher()
    #expect(throws: FileWatchError.failed("/no/such", .noSuchFileOrDirectory)) { try watcher.watch("/no/such") }
    #expect(throws: FileWatchError.failed("/a\0b", .invalidArgument)) { try watcher.watch("/a\0b") }
    #expect(throws: FileWatchError.failed("/tmp", .invalidArgument)) { try watcher.watch("/tmp", for: []) }
    watcher.close()
    #expect(throws: Errno.badFileDescriptor) { try watcher.watch("/tmp") }
    #expect(throws: Errno.badFileDescriptor) { try watcher.next(until: .never) }
  }

  @Test func aPathThatIsNoLongerWatchedIsSilent() throws {
    let (folder, other) = (try Folder(), try Folder())
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch(folder.path)
      try watcher.watch(other.path)
      watcher.unwatch(folder.path)
      try folder.write("unseen")
      try other.write("seen")
      let event = try watcher.next(until: .after(soon))
      #expect(event.path == other.file("seen"))
      #expect(watcher.watchedPaths == [other.path])
    }
  }

  @Test func closingEndsTheLoop() throws {
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch("/tmp", for: [.unmounted, .attributes])
      let loop = Fiber.spawn { watcher.forEach { _ in } }
      try Fiber.sleep(for: .milliseconds(5))
      watcher.close()
      watcher.close()
      try loop.value
    }
  }

  @Test func eventsThatWereLostAreTold() throws {
    let folder = try Folder()
    let text = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    guard limit > 0, limit <= 100_000 else { try Test.cancel("the queue holds \(limit) events") }
    try onHub {
      let watcher = try FileWatcher()
      try watcher.watch(folder.path, for: [.created, .deleted])
      for _ in 0...limit / 2 {
        let descriptor = open(folder.file("a"), O_CREAT | O_WRONLY, 0o600)
        close(descriptor)
        unlink(folder.file("a"))
      }
      var last: FileEvent?
      while last?.kind != .overflow { last = try watcher.next(until: .after(soon)) }
      #expect(last?.path == "")
    }
  }
}

@Suite(.bounded) struct FileStatusWatcherTests {
  @Test func aPathIsSeenToComeToChangeAndToGo() throws {
    let folder = try Folder()
    try onHub {
      let watcher = try FileStatusWatcher(folder.file("later"), interval: .milliseconds(100))
      #expect(watcher.status == .missing)
      #expect(throws: Errno.timedOut) { try watcher.next(until: .after(.milliseconds(30))) }
      try folder.write("later", "12345")
      var seen = try watcher.next(until: .after(soon))
      // It may have been seen between its making and its first byte.
      if case .present(let file) = seen, file.size == 0 { seen = try watcher.next(until: .after(soon)) }
      guard case .present(let file) = seen else {
        Issue.record("\(seen)")
        return
      }
      #expect(file.size == 5 && file.links == 1)
      try folder.write("new", "1234567")
      folder.move("new", "later")
      let replaced = try watcher.next(until: .after(soon))
      guard case .present(let other) = replaced else {
        Issue.record("\(replaced)")
        return
      }
      #expect(other.size == 7 && other.inode != file.inode)
      try folder.remove("later")
      let gone = try watcher.next(until: .after(soon))
      #expect(gone == .missing)
    }
  }

  @Test func aChangeIsSeenLongBeforeTheIntervalWhereInotifyTells() throws {
    let folder = try Folder()
    try onHub {
      let watcher = try FileStatusWatcher(folder.file("a/b/c"), interval: .seconds(3600))
      let waiting = Fiber.spawn { try watcher.next(until: .after(.seconds(30))) }
      try Fiber.sleep(for: .milliseconds(10))
      try FileManager.default.createDirectory(atPath: folder.file("a/b"), withIntermediateDirectories: true)
      try Fiber.sleep(for: .milliseconds(10))
      try folder.write("a/b/c", "x")
      let status = try waiting.value
      guard case .present = status else {
        Issue.record("\(status)")
        return
      }
    }
  }

  @Test func aPlainThreadWatchesToo() throws {
    let folder = try Folder()
    try onThread {
      let watcher = try FileStatusWatcher(folder.file("a"), interval: .milliseconds(100))
      #expect(throws: Errno.timedOut) { try watcher.next(until: .after(.milliseconds(20))) }
      try folder.write("a")
      let status = try watcher.next(until: .after(soon))
      #expect(status != .missing)
    }
  }

  @Test func whatCannotBeLookedAtIsAStatusOfItsOwn() throws {
    let folder = try Folder()
    symlink("loop", folder.file("loop"))
    #expect(FileStatus.current(of: folder.file("loop")) == .unreadable(.tooManySymbolicLinkLevels))
    #expect(FileStatus.current(of: folder.file("none")) == .missing)
    #expect(FileStatus.current(of: try folder.write("file") + "/below") == .missing)
  }
}
