extension Request {
  /// Notes that the application has answered it with an error that nobody was prepared for: whoever counts failures asks.
  package func noteFailure() { storage.state.pointee.hasFailed = true }

  /// Whether that was noted since it was last asked.
  @inline(__always)
  package func takeFailure() -> Bool {
    guard storage.state.pointee.hasFailed else { return false }
    storage.state.pointee.hasFailed = false
    return true
  }
}
