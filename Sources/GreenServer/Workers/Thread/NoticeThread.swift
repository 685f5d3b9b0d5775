import CGlibc
import Green
import GreenHTTP
import SystemPackage

/// A thread that gives notices, each in a fiber, since each may wait for its client: the thread that accepts waits for none,
/// and those of the pool have their connections.
final class NoticeThread {
  private let notices: [StopNotice]

  private init(_ notices: [StopNotice]) { self.notices = notices }

  /// Returns at once; the thread ends when the notices have been given. Throws the `errno` of `pthread_create(3)`.
  static func start(_ notices: [StopNotice]) throws(Errno) {
    let argument = Unmanaged.passRetained(NoticeThread(notices))
    let error = cglibc_start_thread(
      { argument in
        if let argument { Unmanaged<NoticeThread>.fromOpaque(argument).takeRetainedValue().main() }
        return nil
      }, argument.toOpaque(), 1 << 20, "notices")
    guard error == 0 else {
      argument.release()
      throw Errno(rawValue: error)
    }
  }

  private func main() { try? Hub.run { StopNotice.give(self.notices) } }
}
