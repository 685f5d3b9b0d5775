/// How many connections a worker takes in one go.
///
/// Where more wait, taking several spares a look at the loop for each; where none does, an attempt too many is a system
/// call in vain. So the number doubles as long as that many were there, and after a miss it takes longer and longer
/// until a larger one is tried.
struct AcceptBatch {
  private static let most = 16
  private static let mostPatience = 64

  /// How many to take now.
  private(set) var size = 1
  private var full = 0
  private var patience = 1
  private var hasGrown = false

  /// To be called after each go, with how many connections were there, up to ``size``.
  mutating func took(_ count: Int) {
    guard count >= size else {
      if hasGrown { patience = min(Self.mostPatience, patience * 2) }
      (size, full, hasGrown) = (max(1, count), 0, false)
      return
    }
    if hasGrown { (patience, hasGrown) = (1, false) }
    full += 1
    guard full >= patience && size < Self.most else { return }
    (size, full, hasGrown) = (min(Self.most, size * 2), 0, true)
  }
}
