internal import Synchronization

/// A writer that has written its text waits for the next one: its memory need not be allocated again.
extension JSONWriter {
  /// The address of the process's, which a worker of one thread always finds. Unsafe: who takes it out has it alone; it
  /// is counted as held here meanwhile.
  private static let spare = Atomic<UInt>(0)

  /// One at the beginning of a text.
  static func take() -> JSONWriter {
    if let pointer = UnsafeRawPointer(bitPattern: spare.exchange(0, ordering: .acquiring)) {
      return Unmanaged<JSONWriter>.fromOpaque(pointer).takeRetainedValue()
    }
    let writer = JSONWriter(capacity: 1_000, depth: 0, path: [], calls: 0)
    writer.begin()
    return writer
  }

  /// Only after a text that was written to its end.
  func giveBack() {
    if bytes.isLarge || fields.capacity > 1_000 { return }
    begin()
    let pointer = UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())
    let other = Self.spare.exchange(pointer, ordering: .acquiringAndReleasing)
    if let other = UnsafeRawPointer(bitPattern: other) { Unmanaged<JSONWriter>.fromOpaque(other).release() }
  }
}
