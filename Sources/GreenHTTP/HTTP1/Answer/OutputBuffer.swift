internal import Green

/// Where an answer is put together, so that head and body leave in one send. A connection that waits for a request has
/// given its memory back.
///
/// It is a handle: the state lies behind a pointer for the reason ``RequestStorage/state`` gives, and belongs to the
/// connection, which calls ``deallocate()`` when it ends.
struct OutputBuffer {
  /// Enough for a short answer.
  private static var initialCapacity: Int { HubBuffers.byteCount }
  /// What is kept, from one answer to the next, of a buffer that a long one has made larger.
  static var keptCapacity: Int { 16_384 }

  private struct State {
    var base: UnsafeMutableRawPointer
    var capacity: Int
    var count: Int
  }

  private let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State(base: HubBuffers.take(byteCount: 0), capacity: 0, count: 0))
  }

  func deallocate() {
    HubBuffers.give(state.pointee.base, byteCount: state.pointee.capacity)
    state.deallocate()
  }

  /// Gives the memory back, until there is something to send again. Only when empty.
  @inline(__always)
  func giveBack() {
    guard state.pointee.count == 0 && state.pointee.capacity > 0 else { return }
    HubBuffers.give(state.pointee.base, byteCount: state.pointee.capacity)
    state.pointee.base = HubBuffers.take(byteCount: 0)
    state.pointee.capacity = 0
  }

  /// What has been put in.
  var bytes: UnsafeRawBufferPointer {
    @inline(__always) get { UnsafeRawBufferPointer(start: state.pointee.base, count: state.pointee.count) }
  }

  /// Memory for reading what nobody wants. Only while the buffer is empty.
  var scratch: UnsafeMutableRawBufferPointer {
    // A long answer has given its memory back.
    if state.pointee.capacity == 0 { grow(by: 1) }
    return UnsafeMutableRawBufferPointer(start: state.pointee.base, count: state.pointee.capacity)
  }

  /// Empties the buffer.
  @inline(__always)
  func removeAll() {
    state.pointee.count = 0
    if state.pointee.capacity > Self.keptCapacity { giveBack() }
  }

  /// Takes out the first `count` bytes.
  func removeFirst(_ count: Int) {
    let rest = state.pointee.count - count
    assert(count >= 0 && rest >= 0)
    if rest == 0 { return removeAll() }
    state.pointee.base.copyMemory(from: state.pointee.base + count, byteCount: rest)
    state.pointee.count = rest
  }

  /// Memory for `count` more bytes. What is written there counts after ``advance(to:)``.
  @inline(__always)
  func reserve(_ count: Int) -> OutputCursor {
    if count > state.pointee.capacity - state.pointee.count { grow(by: count) }
    return OutputCursor(at: state.pointee.base + state.pointee.count)
  }

  /// Takes what was written up to `cursor` into the buffer.
  @inline(__always)
  func advance(to cursor: OutputCursor) {
    let count = UnsafeRawPointer(cursor.at) - UnsafeRawPointer(state.pointee.base)
    assert(count >= state.pointee.count && count <= state.pointee.capacity, "written past what was reserved")
    state.pointee.count = count
  }

  @inline(never)
  private func grow(by count: Int) {
    let capacity = max(Self.initialCapacity, state.pointee.capacity * 2, state.pointee.count + count)
    let memory = HubBuffers.take(byteCount: capacity)
    if state.pointee.capacity > 0 {
      memory.copyMemory(from: state.pointee.base, byteCount: state.pointee.count)
      HubBuffers.give(state.pointee.base, byteCount: state.pointee.capacity)
    }
    state.pointee.base = memory
    state.pointee.capacity = capacity
  }
}
