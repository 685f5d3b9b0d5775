internal import Glibc
internal import Synchronization

/// Tells that something may have changed at a path, by inotify: on the file, or where there is none on the nearest folder
/// on the way to it. A hint and no more, since network file systems are silent and inotify has its limits.
final class FileHints: Sendable {
  let descriptor: CInt
  private let path: String
  private let generation = ForkHandler.generation
  /// Locked on threads of the pool only: a look whose fiber has gone on may still be under way when the next begins.
  private let watches = Guarded<Set<CInt>>([])

  /// `nil` when the user has no inotify instance left.
  init?(_ path: String) {
    self.path = path
    descriptor = inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { return nil }
    DescriptorOwners.opened(descriptor)
  }

  deinit { DescriptorOwners.close(descriptor) }

  var isOfThisProcess: Bool { generation == ForkHandler.generation }

  /// Watches the file and its folder, or the nearest folder that exists. May block, as a path's lookup may.
  func arm() {
    guard !path.utf8.contains(0) else { return }
    watches.withLock { watches in
      let current = watchPlaces()
      for old in watches.subtracting(current) { inotify_rm_watch(descriptor, old) }
      watches = current
    }
  }

  private func watchPlaces() -> Set<CInt> {
    var current: Set<CInt> = []
    var place = path
    while true {
      let isFile = place == path
      let mask =
        isFile
        ? IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF
        : IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
      let number = inotify_add_watch(descriptor, place, UInt32(mask))
      if number >= 0 {
        current.insert(number)
        // After the file its folder, which tells when another is put in its place.
        if !isFile { return current }
      }
      guard let folder = Self.folder(of: place) else { return current }
      place = folder
    }
  }

  static func folder(of path: String) -> String? {
    if path == "/" || path == "." { return nil }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Takes out what has been told.
  func drain() {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      while read(descriptor, buffer.baseAddress, buffer.count) > 0 || errno == EINTR {}
    }
  }
}
