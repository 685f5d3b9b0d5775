import CaseSupport
import Glibc
import Green
import Synchronization

/// How much later than it asked for a thread of this process is given the processor.
final class Lateness: Sendable {
  private static let nap: Int64 = 5_000_000

  private let most = Atomic<Int64>(0)
  private let began = Atomic<Int64>(Deadline.now.nanoseconds)

  init() { _ = PlainThread { [self] in watch() } }

  private func watch() {
    // Signals are for the cases.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    while true {
      began.store(Deadline.now.nanoseconds, ordering: .relaxed)
      usleep(UInt32(Self.nap / 1000))
      note()
    }
  }

  /// Of the nap that has begun, which may be over since long.
  private func note() {
    most.max(Deadline.now.nanoseconds - began.load(ordering: .relaxed) - Self.nap, ordering: .relaxed)
  }

  /// The most since this was asked last, in milliseconds.
  func taken() -> Int {
    note()
    return Int(most.exchange(0, ordering: .relaxed) / 1_000_000)
  }
}
