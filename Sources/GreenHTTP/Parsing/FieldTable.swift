/// Where one field lies in the head: offsets from the head's first byte.
struct FieldRange {
  var name: UInt32
  var nameLength: UInt32
  var value: UInt32
  var valueLength: UInt32
}

/// The fields of a head, in the order sent. Its memory is kept from one request to the next.
struct FieldTable: ~Copyable {
  private var base: UnsafeMutablePointer<FieldRange>
  private var capacity: Int
  private(set) var count = 0

  /// A table with room for `capacity` fields; it grows.
  init(capacity: Int = 16) {
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  @inline(__always)
  subscript(index: Int) -> FieldRange {
    precondition(index >= 0 && index < count)
    return base[index]
  }

  @inline(__always)
  mutating func append(_ field: FieldRange) {
    if count == capacity { grow() }
    (base + count).initialize(to: field)
    count += 1
  }

  @inline(__always)
  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<FieldRange>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
