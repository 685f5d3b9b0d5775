/// A queue that gives out the element before which no other belongs; of equal ones, the one that came first.
public final class PriorityQueue<Element>: JoinableQueue<Element> {
  /// - Parameters:
  ///   - limit: how many elements it holds before those who put wait.
  ///   - isBefore: whether its first argument belongs before its second. It may be called by any that use the queue.
  public init(limit: Int = .max, by isBefore: @escaping (Element, Element) -> Bool) {
    super.init(.priority(isBefore), limit: limit)
  }
}

extension PriorityQueue where Element: Comparable {
  /// A queue that gives out the least element first.
  public convenience init(limit: Int = .max) { self.init(limit: limit, by: <) }
}

extension PriorityQueue: @unchecked Sendable where Element: Sendable {}
