/// What a fiber's function returned, kept in place where it is small. The owner always names the same type.
///
/// Unsafe: raw memory instead of an optional, and no type parameter of its own: in a generic class everything whose type
/// depends on the parameter costs look-ups of metadata at run time when it is made, used and destroyed.
struct ReturnedValue {
  private var words: (UInt, UInt, UInt) = (0, 0, 0)
  private(set) var isThere = false

  @inline(__always)
  private static func isInPlace<Value>(_ type: Value.Type) -> Bool {
    MemoryLayout<Value>.size <= MemoryLayout<(UInt, UInt, UInt)>.size
      && MemoryLayout<Value>.alignment <= MemoryLayout<UInt>.alignment
  }

  @inline(__always)
  mutating func initialize<Value>(to value: Value) {
    if !Self.isInPlace(Value.self) {
      let place = UnsafeMutableRawPointer.allocate(
        byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
      words.0 = UInt(bitPattern: place)
    }
    withPlace(Value.self) { $0.assumingMemoryBound(to: Value.self).initialize(to: value) }
    isThere = true
  }

  @inline(__always)
  private mutating func withPlace<Value, Result>(
    _ type: Value.Type, _ body: (UnsafeMutableRawPointer) -> Result
  ) -> Result {
    if !Self.isInPlace(type) { return body(UnsafeMutableRawPointer(bitPattern: words.0)!) }
    return withUnsafeMutableBytes(of: &words) { body($0.baseAddress!) }
  }

  @inline(__always)
  mutating func value<Value>(_ type: Value.Type) -> Value {
    withPlace(type) { $0.assumingMemoryBound(to: Value.self).pointee }
  }

  @inline(__always)
  mutating func destroy<Value>(_ type: Value.Type) {
    guard isThere else { return }
    isThere = false
    withPlace(type) { _ = $0.assumingMemoryBound(to: Value.self).deinitialize(count: 1) }
    if !Self.isInPlace(type) { UnsafeMutableRawPointer(bitPattern: words.0)?.deallocate() }
  }
}
