extension Settings {
  /// How the Swift runtime's state of each thread is kept apart for each fiber.
  public enum RuntimeLocalsMode: String, CaseIterable, Sendable {
    /// Its words are found, verified, and swapped at each switch; where that fails, as `accesses`.
    case swap
    /// The set of accesses only: no job and no task-local may be open across a switch.
    case accesses
  }
}
