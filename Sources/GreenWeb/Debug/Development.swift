internal import Synchronization

/// Whether the program runs for the one who writes it: with `--debug`.
package enum Development {
  private static let state = Atomic(false)

  package static var isOn: Bool { state.load(ordering: .relaxed) }

  /// From then on it is.
  static func begin() { state.store(true, ordering: .relaxed) }
}
