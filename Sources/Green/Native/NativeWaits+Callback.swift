internal import CFiber

extension NativeWaits {
  /// The calling code, in no fiber, is about to wait for something of the C library's. `bits`: the lowest 30 of its
  /// holder's number.
  package static func refuseCallback(wanting object: UnsafePointer<CChar>, _ bits: UInt32) {
    guard let hub = LoopCallback.hub else { return }
    var holder: UInt64 = 0
    hub.forEachFiber { if UInt32(truncatingIfNeeded: $0.pointee.id) & (1 << 30 - 1) == bits { holder = $0.pointee.id } }
    guard holder != 0 else { return }
    LoopCallback.end(wanting: "\(String(cString: object)) that fiber \(holder) of the same hub holds")
  }
}
