/// A timer of a hub. Its memory belongs to whoever set it and does not move while the timer is in the heap.
struct TimerNode {
  /// When it fires, in nanoseconds of the hub's clock.
  var time: Int64 = .max
  /// Its place in the heap, -1 outside.
  var index = -1
  /// The fiber whose wait it ends; `nil` for a timer that runs a function.
  var fiber: FiberPointer?
  /// Called with `argument` when there is no fiber.
  var action: (@convention(c) (UnsafeMutableRawPointer) -> Void)?
  var argument: UnsafeMutableRawPointer?

  @inline(__always)
  var isSet: Bool { index >= 0 }
}

/// The timers of one hub, the earliest first; of equal times the one that was set first.
///
/// A 4-ary heap with the times in the array itself, so that sifting looks at no node but the moved ones. Setting costs
/// O(log₄ n), and O(1) where later timers are set later, as those of equal durations are. Most timers are taken out again
/// long before their time: one leaves its entry behind without a node, by the index that each node knows, and the heap is
/// swept when more than half of its entries are such. So that costs O(1), amortised.
struct TimerHeap {
  typealias Node = UnsafeMutablePointer<TimerNode>

  private struct Entry {
    var time: Int64
    var sequence: UInt64
    /// `nil` once the timer was taken out.
    var node: Node?

    @inline(__always)
    func isBefore(_ other: Entry) -> Bool { time != other.time ? time < other.time : sequence < other.sequence }
  }

  /// Unsafe: a plain buffer instead of an array, whose uniqueness would be checked at every move.
  private var entries: UnsafeMutablePointer<Entry>
  private var capacity = 64
  /// Entries, with and without a node,
  private var used = 0
  /// and those with one.
  private(set) var count = 0
  private var lastSequence: UInt64 = 0

  init() { entries = .allocate(capacity: capacity) }

  func deallocate() { entries.deallocate() }

  /// When the first timer fires; `Int64.max` when there is none.
  @inline(__always)
  var earliest: Int64 {
    mutating get {
      dropLeftovers()
      return used == 0 ? .max : entries[0].time
    }
  }

  var first: Node? {
    mutating get {
      dropLeftovers()
      return used == 0 ? nil : entries[0].node
    }
  }

  mutating func insert(_ node: Node, at time: Int64) {
    if used == capacity { grow() }
    lastSequence &+= 1
    node.pointee.time = time
    count += 1
    used += 1
    siftUp(Entry(time: time, sequence: lastSequence, node: node), from: used - 1)
  }

  mutating func remove(_ node: Node) {
    let index = node.pointee.index
    guard index >= 0 else { return }
    node.pointee.index = -1
    entries[index].node = nil
    count -= 1
    if used > 2 * count + 64 { sweep() }
  }

  /// Takes out the first timer if its time has come.
  mutating func popDue(_ now: Int64) -> Node? {
    dropLeftovers()
    guard used > 0, entries[0].time <= now, let node = entries[0].node else { return nil }
    node.pointee.index = -1
    count -= 1
    dropFirst()
    return node
  }

  mutating func removeAll() {
    for index in 0..<used { entries[index].node?.pointee.index = -1 }
    count = 0
    used = 0
  }

  /// Takes out entries without a node that have come to the front.
  @inline(__always)
  private mutating func dropLeftovers() { while used > 0 && entries[0].node == nil { dropFirst() } }

  private mutating func dropFirst() {
    used -= 1
    if used > 0 { siftDown(entries[used], from: 0) }
  }

  /// Takes out all entries without a node and makes a heap of the rest (Floyd, 1964).
  private mutating func sweep() {
    var kept = 0
    for index in 0..<used where entries[index].node != nil {
      place(entries[index], at: kept)
      kept += 1
    }
    used = kept
    guard used > 1 else { return }
    for index in stride(from: (used - 2) >> 2, through: 0, by: -1) { siftDown(entries[index], from: index) }
  }

  @inline(__always)
  private func place(_ entry: Entry, at index: Int) {
    entries[index] = entry
    entry.node?.pointee.index = index
  }

  private func siftUp(_ entry: Entry, from start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) >> 2
      guard entry.isBefore(entries[parent]) else { break }
      place(entries[parent], at: index)
      index = parent
    }
    place(entry, at: index)
  }

  private func siftDown(_ entry: Entry, from start: Int) {
    var index = start
    while true {
      let first = index << 2 + 1
      guard first < used else { break }
      var least = first
      for child in first + 1..<max(first + 1, min(first + 4, used)) where entries[child].isBefore(entries[least]) {
        least = child
      }
      guard entries[least].isBefore(entry) else { break }
      place(entries[least], at: index)
      index = least
    }
    place(entry, at: index)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: entries, count: used)
    entries.deallocate()
    entries = larger
    capacity *= 2
  }
}
