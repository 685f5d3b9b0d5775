package import CGlibc
internal import Glibc
internal import SystemPackage

extension Readiness {
  /// As ``wait(for:until:)``, and where the calling code is a task's, cancelling the task ends the wait too. Nothing
  /// tells blocking code of that, so it is looked at every 50 ms.
  ///
  /// - Throws: as ``wait(for:until:)``; `CancellationError`.
  package static func waitInTask(for descriptors: UnsafeMutableBufferPointer<pollfd>, until deadline: Deadline) throws {
    guard withUnsafeCurrentTask(body: { $0 != nil }) else { return try wait(for: descriptors, until: deadline) }
    while true {
      try Task.checkCancellation()
      let look = Deadline.after(.milliseconds(50))
      if deadline <= look { return try wait(for: descriptors, until: deadline) }
      do {
        return try wait(for: descriptors, until: look)
      } catch Errno.timedOut {}
    }
  }
}
