internal import CGlibc
internal import Glibc
internal import Green

/// How the program's first thread waits for an operation in a worker without a hub: it runs libdispatch's main queue meanwhile,
/// which nobody else does, and which the operation may be waiting for.
final class MainQueueWait: Sendable {
  private let ended: CInt
  private let queue: CInt

  /// What is kept from one wait to the next.
  private static let kept = Guarded(Kept())

  private struct Kept {
    /// A child shares its parent's events, which are not for it.
    let generation = ForkHandler.generation
    /// The program's first thread, and the descriptor of its queue.
    var first: (thread: pthread_t, queue: CInt)?
    /// Events that are not set. More than one where a wait lies in another.
    var events: [CInt] = []
  }

  /// `nil` on another thread, in another process, and where there is no such queue.
  init?() {
    guard ProcessExecutor.shared.isForThreadAlone, let (ended, queue) = Self.kept.withLock({ Self.take(&$0) }) else {
      return nil
    }
    (self.ended, self.queue) = (ended, queue)
  }

  private static func take(_ kept: inout Kept) -> (ended: CInt, queue: CInt)? {
    if kept.generation != ForkHandler.generation { kept = Kept() }
    let thread = pthread_self()
    if kept.first == nil {
      let queue = MainQueue.descriptor
      if queue >= 0 { kept.first = (thread, queue) }
    }
    guard let first = kept.first, first.thread == thread else { return nil }
    let ended = kept.events.popLast() ?? cglibc_event_descriptor()
    return ended < 0 ? nil : (ended, first.queue)
  }

  // The operation has ended: nobody sets the event any more.
  deinit {
    var count: UInt64 = 0
    _ = read(ended, &count, 8)
    let ended = ended
    let isKept = Self.kept.withLock { kept in
      guard kept.generation == ForkHandler.generation, kept.events.count < 4 else { return false }
      kept.events.append(ended)
      return true
    }
    if !isKept { close(ended) }
  }

  /// Before any child is forked by one thread while another is about to make what is kept.
  static func prepare() { _ = kept }

  /// In a forked child, whose parent may have held the lock.
  static func startAfresh() { kept.beginAnew(with: Kept()) }

  /// The operation has ended. On any thread.
  func end() {
    var one: UInt64 = 1
    _ = write(ended, &one, 8)
  }

  /// Returns when the operation has ended, or when the queue cannot be waited for.
  func wait() {
    var entries = [ended, queue].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    entries.withUnsafeMutableBufferPointer { entries in
      while true {
        for index in entries.indices { entries[index].revents = 0 }
        do { try Readiness.wait(for: entries, until: .never) } catch { return }
        if entries[0].revents != 0 { return }
        if entries[1].revents != 0 { MainQueue.run(queue) }
      }
    }
  }
}
