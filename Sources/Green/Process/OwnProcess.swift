internal import CFork
internal import Glibc

/// The process that something belongs to: a connection, a job. A child that the application forks in the midst of it, and which
/// comes back to the code that serves, would do all that is left a second time.
package struct OwnProcess: Sendable {
  private let number: Int32 = cfork_process()

  /// The calling process.
  package init() {}

  /// Ends a child of the process, however it was made. Costs two loads.
  package func endIfChild() { if cfork_process() != number { _exit(0) } }
}
