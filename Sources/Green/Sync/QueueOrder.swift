/// In which order a ``JoinableQueue`` gives its elements out.
public enum QueueOrder<Element> {
  /// The element that was put in first comes out first.
  case firstInFirstOut
  /// The element that was put in last comes out first.
  case lastInFirstOut
  /// The element before which no other belongs; of equal ones, the one that came first. The function says whether its
  /// first argument belongs before its second.
  case priority((Element, Element) -> Bool)

  func makeStorage() -> QueueStorage<Element> {
    switch self {
    case .firstInFirstOut: FirstInFirstOut()
    case .lastInFirstOut: LastInFirstOut()
    case .priority(let isBefore): Heap(isBefore)
    }
  }
}

/// The elements of a queue.
class QueueStorage<Element> {
  var count: Int { 0 }
  /// The element that is next to be given out.
  var next: Element? { nil }
  func add(_ element: Element) {}
  /// Takes out the next. There is one.
  func remove() -> Element { fatalError("a queue's storage is one of its subclasses") }
}

private final class FirstInFirstOut<Element>: QueueStorage<Element> {
  private var elements: [Element?] = []
  private var first = 0

  override var count: Int { elements.count - first }
  override var next: Element? { first < elements.count ? elements[first] : nil }
  override func add(_ element: Element) { elements.append(element) }

  override func remove() -> Element {
    let element = elements[first].take()!
    first += 1
    // The room of those that are gone is given back when it is half of all: that moves each element once on average.
    if first * 2 >= elements.count {
      elements.removeFirst(first)
      first = 0
    }
    return element
  }
}

private final class LastInFirstOut<Element>: QueueStorage<Element> {
  private var elements: [Element] = []

  override var count: Int { elements.count }
  override var next: Element? { elements.last }
  override func add(_ element: Element) { elements.append(element) }
  override func remove() -> Element { elements.removeLast() }
}

/// A binary heap.
private final class Heap<Element>: QueueStorage<Element> {
  private struct Entry {
    var element: Element
    var sequence: UInt64
  }

  private var entries: [Entry] = []
  private var lastSequence: UInt64 = 0
  private let isBefore: (Element, Element) -> Bool

  init(_ isBefore: @escaping (Element, Element) -> Bool) { self.isBefore = isBefore }

  override var count: Int { entries.count }
  override var next: Element? { entries.first?.element }

  override func add(_ element: Element) {
    lastSequence += 1
    entries.append(Entry(element: element, sequence: lastSequence))
    var index = entries.count - 1
    while index > 0, case let parent = (index - 1) / 2, belongs(index, before: parent) {
      entries.swapAt(index, parent)
      index = parent
    }
  }

  override func remove() -> Element {
    entries.swapAt(0, entries.count - 1)
    let removed = entries.removeLast()
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < entries.count && belongs(child, before: least) {
        least = child
      }
      if least == index { return removed.element }
      entries.swapAt(index, least)
      index = least
    }
  }

  private func belongs(_ index: Int, before other: Int) -> Bool {
    if isBefore(entries[index].element, entries[other].element) { return true }
    if isBefore(entries[other].element, entries[index].element) { return false }
    return entries[index].sequence < entries[other].sequence
  }
}
