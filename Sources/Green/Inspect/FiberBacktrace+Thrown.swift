internal import CInspect

extension FiberBacktrace {
  /// Has the place of every throw noted from now on, for ``init(ofThrown:)``: some microseconds for each error, and the
  /// last errors live longer than they would. For development.
  package static func watchThrows() { cinspect_thrown_watch() }

  /// Of the code that threw an error, where it threw it first; `nil` where that is not known: nobody watches, or it is long ago.
  package init?(ofThrown error: any Error) {
    // Unsafe: an `any Error` is one pointer to its box, which is what the runtime hands out at a throw (docs/ABI, "Error").
    guard MemoryLayout<any Error>.size == MemoryLayout<UInt>.size else { return nil }
    // In a structure: of the error by itself, its value would be looked at.
    let box = withUnsafeBytes(of: Holder(error: error)) { $0.load(as: UInt.self) }
    let addresses = [UInt](unsafeUninitializedCapacity: Int(CINSPECT_THROWN_CALLS)) { buffer, count in
      count = cinspect_thrown_calls(UnsafeRawPointer(bitPattern: box), buffer.baseAddress, buffer.count)
    }
    if addresses.isEmpty { return nil }
    self.init(addresses: addresses)
  }

  private struct Holder {
    let error: any Error
  }
}
