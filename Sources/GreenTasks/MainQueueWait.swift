internal import CGlibc
internal import Glibc
internal import Green

/// How the program's first thread waits for an operation in a worker without a hub: it runs libdispatch's main queue meanwhile,
/// which nobody else does, and which the operation may be waiting for.
final class MainQueueWait: Sendable {
  private let ended: CInt
  private let queue: CInt

  /// `nil` on another thread, in another process, and where there is no such queue.
  init?() {
    guard ProcessExecutor.shared.isForThreadAlone else { return nil }
    queue = MainQueue.descriptor
    guard queue >= 0 else { return nil }
    ended = cglibc_event_descriptor()
    if ended < 0 { return nil }
  }

  deinit { close(ended) }

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
