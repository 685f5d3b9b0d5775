internal import CGlibc
internal import Glibc
internal import SystemPackage

/// Changes to files and folders, to be waited for in blocking style: `inotify(7)`.
///
/// ```swift
/// let watcher = try FileWatcher()
/// try watcher.watch("/etc/app")
/// for event in watcher where event.kind == .modified { reload(event.path) }
/// ```
///
/// A watched folder tells of itself and of what lies directly in it. The file must exist, and its changes on a network
/// file system are seen only where they are made on this machine: see ``FileStatusWatcher`` for both. A file that is
/// replaced by renaming another over it is a new file, which its folder tells of.
///
/// Each object costs one descriptor and one of the user's `fs.inotify.max_user_instances`, and is used on one thread. In
/// a forked child an object of the parent's is closed: make a new one.
public final class FileWatcher: Sequence, IteratorProtocol {
  package private(set) var descriptor: CInt
  private var paths: [CInt: String] = [:]
  private var events: [FileEvent] = []
  private var taken = 0
  private let generation = ForkHandler.generation

  /// A watcher of nothing yet.
  ///
  /// - Throws: ``FileWatchError/tooManyWatchers``, ``FileWatchError/failed(_:_:)``.
  public init() throws {
    descriptor = inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else {
      throw errno == EMFILE ? FileWatchError.tooManyWatchers : .failed("inotify", Errno(rawValue: errno))
    }
    DescriptorOwners.opened(descriptor)
  }

  deinit { close() }

  /// Watches a file or folder too. Watching the same file again replaces what is asked for. Does not park, though looking
  /// up a path on a network file system may take time.
  ///
  /// - Throws: ``FileWatchError/tooManyWatches(_:)``, ``FileWatchError/failed(_:_:)``; `Errno.badFileDescriptor` when
  ///   the watcher is closed. See `inotify_add_watch(2)`.
  public func watch(_ path: String, for kinds: Set<FileEvent.Kind> = FileEvent.Kind.changes) throws {
    guard isOpen else { throw Errno.badFileDescriptor }
    if path.utf8.contains(0) { throw FileWatchError.failed(path, .invalidArgument) }
    let mask = kinds.reduce(0 as UInt32) { $0 | $1.mask } & Self.askable
    let number = inotify_add_watch(descriptor, path, mask)
    guard number >= 0 else {
      throw errno == ENOSPC ? FileWatchError.tooManyWatches(path) : .failed(path, Errno(rawValue: errno))
    }
    paths[number] = path
  }

  /// What is not told unasked: the low bits, IN_ALL_EVENTS.
  private static let askable: UInt32 = 0xfff

  /// Ends the watch of a path, written as it was given to ``watch(_:for:)``. What has happened before is still reported.
  public func unwatch(_ path: String) {
    guard isOpen else { return }
    for (number, watched) in paths where watched == path { inotify_rm_watch(descriptor, number) }
  }

  /// The paths that are watched. One that is deleted or unmounted is so no more once that has been told.
  public var watchedPaths: Set<String> { Set(paths.values) }

  /// Waits for the next event. Parks until there is one; on a plain thread, blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `Errno.badFileDescriptor` when the watcher is closed, meanwhile or in a
  ///   forked child.
  public func next(until deadline: Deadline) throws -> FileEvent {
    while true {
      guard isOpen else { throw Errno.badFileDescriptor }
      if let event = takeEvent() {
        Hub.spend()
        return event
      }
      if try !readEvents() {
        try Readiness.wait(for: descriptor, .read, until: deadline, told: WaitReason(.fileChange))
      }
    }
  }

  /// Waits for the next event, as ``next(until:)`` without a deadline. `nil` ends a loop over the watcher: when it is closed
  /// or the fiber is cancelled.
  public func next() -> FileEvent? { try? next(until: .never) }

  private var isOpen: Bool { descriptor >= 0 && generation == ForkHandler.generation }

  private func takeEvent() -> FileEvent? {
    guard taken < events.count else { return nil }
    defer { taken += 1 }
    return events[taken]
  }

  /// Whether there was anything to read.
  private func readEvents() throws -> Bool {
    events.removeAll(keepingCapacity: true)
    taken = 0
    return try withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { buffer in
      do {
        let count = try systemCall { read(descriptor, buffer.baseAddress, buffer.count) }
        parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return true
      } catch Errno.wouldBlock {
        return false
      }
    }
  }

  /// The layout of `struct inotify_event`: watch, mask, cookie and length, each of four bytes; then the name, with NULs up
  /// to that length.
  private func parse(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at + 16 <= bytes.count {
      let watch = bytes.loadUnaligned(fromByteOffset: at, as: CInt.self)
      let mask = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
      let cookie = bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self)
      let end = at + 16 + Int(bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
      guard end <= bytes.count else { return }
      let name = String(decoding: bytes[(at + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
      at = end
      record(watch, mask, cookie, name)
    }
  }

  private func record(_ watch: CInt, _ mask: UInt32, _ cookie: UInt32, _ name: String) {
    if mask & UInt32(IN_IGNORED) != 0 {
      paths[watch] = nil
    } else if let kind = FileEvent.Kind(mask: mask) {
      let folder = paths[watch] ?? ""
      let path = name.isEmpty ? folder : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      events.append(FileEvent(kind: kind, path: path, isDirectory: mask & UInt32(IN_ISDIR) != 0, move: cookie))
    }
  }

  /// Ends all the watches; what waits for the watcher fails with `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
  }
}
