internal import Green

/// What has been received and not yet used: the bytes from `start` to `end` of one growing piece of memory.
struct ReceiveBuffer: ~Copyable {
  /// Enough for nearly every request.
  static var initialCapacity: Int { HubBuffers.byteCount }

  private(set) var base: UnsafeMutableRawPointer
  private(set) var capacity: Int
  /// Where the request in progress begins.
  private(set) var start = 0
  private(set) var end = 0

  init(capacity: Int = 0) {
    base = HubBuffers.take(byteCount: capacity)
    self.capacity = capacity
  }

  /// A buffer with bytes in it.
  init(copying bytes: UnsafeRawBufferPointer) {
    self.init(capacity: max(Self.initialCapacity, bytes.count))
    free.copyMemory(from: bytes)
    end = bytes.count
  }

  deinit { HubBuffers.give(base, byteCount: capacity) }

  /// The bytes not yet used. They stay where they are until ``makeRoom()`` or ``giveBack()``.
  var bytes: UnsafeRawBufferPointer {
    @inline(__always) get { UnsafeRawBufferPointer(start: base + start, count: end - start) }
  }

  /// The free memory after them.
  var free: UnsafeMutableRawBufferPointer {
    @inline(__always) get { UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end) }
  }

  @inline(__always)
  mutating func received(_ count: Int) {
    requirement(count >= 0 && count <= capacity - end, "the stream returned more than was asked for")
    end += count
  }

  /// Adds bytes, and memory for them where it takes more.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > capacity - end { reallocate(max(Self.initialCapacity, capacity * 2, end - start + bytes.count)) }
    free.copyMemory(from: bytes)
    end += bytes.count
  }

  /// Forgets the first `count` bytes.
  @inline(__always)
  mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= end - start)
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// Forgets the last `count` bytes.
  mutating func removeLast(_ count: Int) {
    precondition(count >= 0 && count <= end - start)
    end -= count
  }

  /// Sees to it that ``free`` is not empty: moves the bytes to the front, or doubles the memory.
  mutating func makeRoom() {
    if end < capacity { return }
    if start > 0 {
      base.copyMemory(from: base + start, byteCount: end - start)
      end -= start
      start = 0
    } else {
      reallocate(max(Self.initialCapacity, capacity * 2))
    }
  }

  /// Gives the memory back, until there is something to receive again. Only when empty.
  @inline(__always)
  mutating func giveBack() {
    guard start == end && capacity > 0 else { return }
    HubBuffers.give(base, byteCount: capacity)
    base = HubBuffers.take(byteCount: 0)
    capacity = 0
  }

  private mutating func reallocate(_ newCapacity: Int) {
    let larger = HubBuffers.take(byteCount: newCapacity)
    if capacity > 0 {
      larger.copyMemory(from: base + start, byteCount: end - start)
      HubBuffers.give(base, byteCount: capacity)
    }
    base = larger
    capacity = newCapacity
    end -= start
    start = 0
  }
}
