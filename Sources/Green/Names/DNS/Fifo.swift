/// A first-in, first-out queue.
struct Fifo<Element> {
  private var elements: [Element?] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    defer {
      elements[head] = nil
      head += 1
      // What has been taken is cut off when it is the larger part, so that each element is moved once at most.
      if head > 32 && head * 2 > elements.count || head == elements.count {
        elements.removeFirst(head)
        head = 0
      }
    }
    return elements[head]
  }
}
