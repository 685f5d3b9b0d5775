/// What kind of thing a parked fiber waits for.
public enum WaitKind: UInt8, CaseIterable, Sendable {
  case nothing, sleep, readable, writable, descriptors, fiber, group, mutex, lock, event, semaphore, condition
  case sending, receiving, selection, promise, queue, name, turn, offload, signal, child, fileChange, task, other
}

/// What a parked fiber waits for, as cheap to note as two words, and told when the hub is asked. See ``FiberWait``.
package struct WaitReason {
  package typealias Kind = WaitKind

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

/// An object that fibers wait for and that knows more about itself than its address: what the wait of kind
/// ``WaitKind/name`` is for.
protocol WaitSubject: AnyObject {
  var waitSubject: String { get }
}
