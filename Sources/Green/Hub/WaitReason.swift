/// What a parked fiber waits for, as cheap to note as two words, and told when the hub is asked.
package struct WaitReason {
  package enum Kind: UInt8 {
    case nothing, sleep, readable, writable, descriptors, fiber, group, mutex, lock, event, semaphore, condition
    case sending, receiving, selection, promise, queue, name, turn, offload, signal, child, fileChange, other
  }

  package let kind: Kind
  /// A descriptor, a process, an object's address: what the kind says.
  package let detail: UInt

  @inline(__always)
  package init(_ kind: Kind, _ detail: UInt = 0) {
    self.kind = kind
    self.detail = detail
  }

  @inline(__always)
  package init(_ kind: Kind, at address: UnsafeRawPointer) { self.init(kind, UInt(bitPattern: address)) }

  @inline(__always)
  package init(_ kind: Kind, on object: AnyObject) {
    self.init(kind, UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()))
  }

  @inline(__always)
  package init(_ kind: Kind, descriptor: CInt) { self.init(kind, UInt(truncatingIfNeeded: Int(descriptor))) }
}
