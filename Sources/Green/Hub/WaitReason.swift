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

/// What the redirect knows of an object that a fiber waits for: the ``WaitKind/native`` ones. It lies in the waiting
/// fiber's frame.
package struct NativeObject {
  package typealias Holder = @convention(c) (UnsafeRawPointer?, UInt32) -> UInt64

  let address: UnsafeRawPointer
  /// "the pthread mutex".
  let name: UnsafePointer<CChar>
  private let holder: Holder?
  /// The fiber waits until it has it, whatever the deadline, which is when to look again.
  private let isEndless: Bool
  /// It has looked again already.
  let isAgain: Bool

  package init(
    address: UnsafeRawPointer, name: UnsafePointer<CChar>, holder: Holder?, isEndless: Bool, isAgain: Bool
  ) {
    self.address = address
    self.name = name
    self.holder = holder
    self.isEndless = isEndless
    self.isAgain = isAgain
  }

  /// Whether it is a lock, something that one fiber or several hold, and is needed to go on.
  var isLock: Bool { holder != nil && isEndless }

  /// The numbers of the fibers that hold it.
  var holders: [UInt64] {
    var list: [UInt64] = []
    while let number = holder(at: list.count) { list.append(number) }
    return list
  }

  /// Whether the fiber itself holds it. Allocates nothing: an allocator's own lock may be what is waited for.
  func isHeld(by number: UInt64) -> Bool {
    var index = 0
    while let one = holder(at: index) {
      if one == number { return true }
      index += 1
    }
    return false
  }

  private func holder(at index: Int) -> UInt64? {
    guard let number = holder?(address, UInt32(index)), number != 0 else { return nil }
    return number
  }
}

/// An object that fibers wait for and that knows more about itself than its address: what the wait of kind
/// ``WaitKind/name`` is for.
protocol WaitSubject: AnyObject {
  var waitSubject: String { get }
}
