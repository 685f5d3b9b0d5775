/// What can lie in a ``LinkedList``, in one at a time.
protocol Linked {
  var next: UnsafeMutablePointer<Self>? { get set }
  var previous: UnsafeMutablePointer<Self>? { get set }
}

/// A list whose elements carry their links: nothing is allocated, and one is taken out of the middle at once.
///
/// Unsafe: it holds pointers. An element stands still while it is in the list; mostly it lies in the frame of whoever waits.
struct LinkedList<Element: Linked> {
  typealias Pointer = UnsafeMutablePointer<Element>

  private(set) var first: Pointer?
  private var last: Pointer?

  @inline(__always)
  var isEmpty: Bool { first == nil }

  @inline(__always)
  mutating func append(_ element: Pointer) {
    element.pointee.next = nil
    element.pointee.previous = last
    if let last { last.pointee.next = element } else { first = element }
    last = element
  }

  @inline(__always)
  mutating func remove(_ element: Pointer) {
    let (previous, next) = (element.pointee.previous, element.pointee.next)
    if let previous { previous.pointee.next = next } else { first = next }
    if let next { next.pointee.previous = previous } else { last = previous }
  }

  @inline(__always)
  mutating func popFirst() -> Pointer? {
    guard let element = first else { return nil }
    remove(element)
    return element
  }

  /// `body` may take the element out that it is given, and what it lies in may be gone afterwards.
  func forEach(_ body: (Pointer) -> Void) {
    var element = first
    while let one = element {
      element = one.pointee.next
      body(one)
    }
  }
}
