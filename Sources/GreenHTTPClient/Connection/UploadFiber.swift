internal import Green
internal import SystemPackage

/// The fiber that sends a request's body while the answer is received: a server may answer as it reads, and reads on only where
/// its answer is taken.
///
/// What it needs of the calling fiber, its task-locals and its deadline, it has. It throws nothing: what went wrong is told to
/// whoever receives.
final class UploadFiber: Sendable {
  private struct State {
    /// What the body's own code threw, or that the server was too slow; not that the connection is lost, or that the server
    /// wants no more, which the answer tells.
    var failure: (any Error)?
    /// Whether all has been sent.
    var hasSent = false
    /// Since when it sends no more; `nil` while it does.
    var ended: Deadline?
    var isGivenUp = false
  }

  private let state = Guarded(State())
  private let end = Event()
  private let door: Hub.Door?
  /// Unsafe: touched on the hub alone.
  private nonisolated(unsafe) var fiber: Fiber<Void>?

  /// Begins to send, in a fiber of the calling one's hub.
  ///
  /// - Parameters:
  ///   - send: sends it all. It is cancelled when the rest is of no use.
  ///   - isNone: whether an error is none of the sending, but one that the answer tells better.
  ///   - onFailure: called after ``failure`` is set, to wake whoever receives.
  init(
    _ send: @escaping () throws -> Void, isNone: @escaping (any Error) -> Bool, onFailure: @escaping () -> Void
  ) {
    door = Hub.current?.door
    let fiber = Fiber.spawn(name: "upload") { [self] in
      do {
        try send()
        state.withLock { $0.hasSent = true }
      } catch {
        let isFailure = !isNone(error) && state.withLock { !$0.isGivenUp }
        if isFailure { state.withLock { $0.failure = error } }
        if isFailure { onFailure() }
      }
      state.withLock { $0.ended = .now }
      end.set()
    }
    self.fiber = fiber
    // No stack could be had.
    guard fiber.isFinished, !end.isSet else { return }
    do { try fiber.value } catch { state.withLock { ($0.failure, $0.ended) = (error, .now) } }
    end.set()
    onFailure()
  }

  /// Whether the calling code may have such a fiber, and a body of so many bytes, `nil` for any number, should: a shorter one the
  /// kernel takes at once.
  static func isWorthwhile(for count: Int?) -> Bool { Fiber.current != nil && count ?? .max > 65_536 }

  var failure: (any Error)? { state.withLock { $0.failure } }
  var hasSent: Bool { state.withLock { $0.hasSent } }

  /// Until when the answer may be waited for: its time begins when the request has been sent.
  func patience(_ timing: Timing) -> Deadline {
    guard let ended = state.withLock({ $0.ended }) else { return timing.next }
    return timing.next(after: ended)
  }

  /// Waits until it sends no more, as long as the server may do nothing.
  func wait(_ timing: Timing) {
    if state.withLock({ $0.isGivenUp }) { return }
    try? end.wait(until: timing.next)
  }

  /// Ends the sending, unless the last of it is on its way. Nothing that it throws counts any more.
  func giveUp(after patience: Duration = .zero) {
    if patience > .zero { try? end.wait(until: .after(patience)) }
    state.withLock { $0.isGivenUp = true }
    guard let door, !door.isHere else { return cancel() }
    _ = door.post { self.cancel() }
  }

  private func cancel() {
    fiber?.cancel()
    fiber = nil
  }
}
