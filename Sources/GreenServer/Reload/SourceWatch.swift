import Glibc
import Green

/// Says when it is worth while to look at the sources again.
final class SourceWatch {
  private var watcher: FileWatcher?
  /// When they are looked at in any case, in nanoseconds of `CLOCK_MONOTONIC`; `nil` where inotify tells.
  private(set) var due: Int64?
  private var hasHint = false
  private var watched: Set<String> = []

  private static let interval: Int64 = 1_000_000_000

  /// Throws ``ReloadFault`` where the engine that is asked for cannot be had.
  init(_ engine: ReloadEngine, at now: Int64) throws(ReloadFault) {
    if engine != .poll {
      do { watcher = try FileWatcher() } catch {
        if engine == .inotify { throw ReloadFault("inotify cannot be had: \(error)") }
      }
    }
    if watcher == nil { due = now + Self.interval }
  }

  /// What becomes readable when there is a hint; `nil` where there is none.
  var descriptor: CInt? { watcher?.descriptor }

  /// Whether to look now.
  func isHinted(at now: Int64) -> Bool {
    while (try? watcher?.next(until: .now)) != nil { hasHint = true }
    if let due, now >= due {
      self.due = now + Self.interval
      return true
    }
    defer { hasHint = false }
    return hasHint
  }

  /// Watches these folders, and those of these files, from now on.
  func follow(_ folders: [String], _ files: [String]) {
    guard let watcher else { return }
    let wanted = Set(folders + files.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.startIndex)) })
    let kinds: Set<FileEvent.Kind> = [.created, .written, .deleted, .movedFrom, .movedTo]
    do {
      for folder in wanted.subtracting(watched) where !folder.isEmpty { try watcher.watch(folder, for: kinds) }
      watched = wanted.intersection(watcher.watchedPaths)
    } catch FileWatchError.tooManyWatches {
      // The user has no more of them: once a second then.
      watcher.close()
      self.watcher = nil
      due = 0
    } catch {
      // The folder has gone meanwhile, as the look that follows finds too.
    }
  }
}
