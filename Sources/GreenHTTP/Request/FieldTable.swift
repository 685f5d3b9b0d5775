internal import Green

/// Where one field lies in the head: offsets from the head's first byte.
struct FieldRange {
  var name: UInt32
  var nameLength: UInt32
  var value: UInt32
  var valueLength: UInt32
}

/// The fields of a head, in the order sent. Its memory is kept until it is given back.
struct FieldTable: ~Copyable {
  /// The most fields that one may hold: `HTTPFields`, which holds fewer than 65,536, would trap.
  static var most: Int { 65_000 }

  private var base: UnsafeMutablePointer<FieldRange>?
  private var capacity = 0
  private(set) var count = 0

  /// The room of a table that fits into one buffer: for more fields than a request may have, by default.
  private static var initialCapacity: Int { HubBuffers.byteCount / MemoryLayout<FieldRange>.stride }

  deinit { Self.free(base, capacity) }

  private static func free(_ base: UnsafeMutablePointer<FieldRange>?, _ capacity: Int) {
    guard let base else { return }
    if capacity == initialCapacity { HubBuffers.give(UnsafeMutableRawPointer(base)) } else { base.deallocate() }
  }

  /// Its ranges, one after the other.
  var memory: UnsafeRawPointer? { UnsafeRawPointer(base) }

  @inline(__always)
  subscript(index: Int) -> FieldRange {
    precondition(index >= 0 && index < count)
    return base.unsafelyUnwrapped[index]
  }

  @inline(__always)
  mutating func append(_ field: FieldRange) {
    if count == capacity { grow() }
    (base.unsafelyUnwrapped + count).initialize(to: field)
    count += 1
  }

  @inline(__always)
  mutating func removeAll() { count = 0 }

  /// Gives the memory back. Only when empty.
  @inline(__always)
  mutating func giveBack() {
    guard count == 0, let base else { return }
    Self.free(base, capacity)
    self.base = nil
    capacity = 0
  }

  @inline(never)
  private mutating func grow() {
    guard let base else {
      base = HubBuffers.take().bindMemory(to: FieldRange.self, capacity: Self.initialCapacity)
      capacity = Self.initialCapacity
      return
    }
    let larger = UnsafeMutablePointer<FieldRange>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    Self.free(base, capacity)
    self.base = larger
    capacity *= 2
  }
}
