/// What waits for its turn, first in, first out. What has been taken is let go of at once, and its room soon, however steadily
/// more comes.
struct Backlog<Element> {
  private var elements: [Element?] = []
  private var next = 0

  var isEmpty: Bool { next == elements.count }
  var count: Int { elements.count - next }
  /// The one whose turn is next.
  var first: Element? { isEmpty ? nil : elements[next] }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes out the one whose turn it is; `nil` where there is none.
  mutating func popFirst() -> Element? {
    if isEmpty { return nil }
    let element = elements[next].take()
    next += 1
    if next == elements.count {
      elements.removeAll(keepingCapacity: true)
      next = 0
    } else if next > 64 && next > elements.count / 2 {
      elements.removeFirst(next)
      next = 0
    }
    return element
  }
}
