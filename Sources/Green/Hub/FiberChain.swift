/// Where in a fiber's record the links of one ``FiberChain`` are.
protocol FiberLinkPlace {
  static subscript(fiber: FiberPointer) -> FiberLinks { get set }
}

/// A fiber's place in a chain.
struct FiberLinks {
  fileprivate(set) var previous: FiberPointer?
  fileprivate(set) var next: FiberPointer?
}

/// Fibers that are linked through their records, the latest first: nothing is allocated. A fiber can be in several, each of
/// its own place.
struct FiberChain<Place: FiberLinkPlace> {
  private(set) var first: FiberPointer?

  @inline(__always)
  mutating func insert(_ fiber: FiberPointer) {
    Place[fiber] = FiberLinks(previous: nil, next: first)
    if let first { Place[first].previous = fiber }
    first = fiber
  }

  @inline(__always)
  mutating func remove(_ fiber: FiberPointer) {
    let links = Place[fiber]
    if let previous = links.previous { Place[previous].next = links.next } else { first = links.next }
    if let next = links.next { Place[next].previous = links.previous }
  }

  /// `body` may take the fiber out that it is given.
  func forEach(_ body: (FiberPointer) -> Void) {
    var fiber = first
    while let one = fiber {
      fiber = Place[one].next
      body(one)
    }
  }

  func first(where isIt: (FiberPointer) -> Bool) -> FiberPointer? {
    var fiber = first
    while let one = fiber, !isIt(one) { fiber = Place[one].next }
    return fiber
  }
}
