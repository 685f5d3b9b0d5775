internal import Green

/// Until when a request may be waited for.
struct Timing: Sendable {
  /// For all of it.
  let deadline: Deadline
  private let progress: Duration

  init(_ configuration: HTTPClientConfiguration, _ deadline: Deadline) {
    self.init(progress: configuration.progressTimeout, deadline)
  }

  init(progress: Duration, _ deadline: Deadline) {
    self.deadline = deadline
    self.progress = progress
  }

  /// Until when the server must have done something.
  var next: Deadline { within(progress) }

  /// Until when the server must have done something that it could begin at `start`.
  func next(after start: Deadline) -> Deadline { min(deadline, start.advanced(by: progress)) }

  /// So much later, but not after the deadline of all.
  func within(_ duration: Duration) -> Deadline { min(deadline, .after(duration)) }

  /// The same, but no more time than that for all of it.
  func limited(to duration: Duration) -> Timing { Timing(progress: progress, within(duration)) }

  /// A pace for what the kernel sends by itself, up to the deadline.
  var pace: Pace { Pace(patience: min(progress, deadline.remaining ?? progress), rate: 0) }
}
