internal import CRedirect
internal import Green

/// What C code keeps for each fiber, in a word of the fiber's: destroyed at its end. A hub has one of these from when the
/// first of its fibers keeps something.
final class FiberVariables: HubExtension {
  var moments: HubMoments { .fiberEnds }

  func fiberEnds(_ fiber: FiberHandle) {
    if let variables = fiber.word.pointee { credirect_fiber_ends(variables) }
  }

  /// The calling fiber's word; `nil` outside fibers.
  static var word: UnsafeMutablePointer<UnsafeMutableRawPointer?>? {
    guard let fiber = FiberHandle.running else { return nil }
    let word = fiber.word
    if word.pointee == nil {
      let hub = fiber.hub
      if hub.attached(FiberVariables.self) == nil { hub.attach(FiberVariables()) }
    }
    return word
  }
}
