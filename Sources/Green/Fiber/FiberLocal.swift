internal import CFiber

/// A value of which each fiber has its own: `TaskLocal` for fibers.
///
/// ```swift
/// enum Request { static let id = FiberLocal("none") }
/// Request.id.withValue("r-17") {
///   log("\(Request.id.value) begins")                 // r-17
///   Fiber.spawn { log("\(Request.id.value) goes on") } // r-17: a fiber inherits the values of its parent
/// }
/// ```
///
/// (It is a value and not an attribute like `@TaskLocal`, since a macro would make everybody build Swift's parser.)
///
/// Reading walks the values bound around the calling code, the innermost first. Outside fibers the value belongs to the
/// thread.
public final class FiberLocal<Value: Sendable>: Sendable {
  private let defaultValue: Value

  /// The value where none is bound.
  public init(_ defaultValue: Value) { self.defaultValue = defaultValue }

  /// The value that is bound around the calling code, else the default.
  public var value: Value {
    var binding = LocalBinding.current?.takeUnretainedValue()
    while let one = binding {
      if one.key === self { return unsafeDowncast(one, to: BoundValue<Value>.self).value }
      binding = one.next
    }
    return defaultValue
  }

  /// Calls `body`, in which the local is `value`, and so it is in fibers that are spawned there.
  public func withValue<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
    let outer = LocalBinding.current
    let binding = BoundValue(key: self, next: outer?.takeUnretainedValue().without(self), value: value)
    LocalBinding.current = Unmanaged.passRetained(binding)
    defer {
      // In this order: the value's deinit may read the local, or spawn.
      let binding = LocalBinding.current
      LocalBinding.current = outer
      binding?.release()
    }
    return try body()
  }
}

/// One bound value and those bound around it. Never changed, so that fibers share them.
class LocalBinding {
  /// Kept: another local at the address of one that is gone would find values of another type.
  let key: AnyObject
  let next: LocalBinding?

  fileprivate init(key: AnyObject, next: LocalBinding?) {
    self.key = key
    self.next = next
  }

  /// These bindings without those of `key`, which another is to hide: else a chain of fibers, each spawned by the one
  /// before and binding the same local, would keep every value that there ever was.
  fileprivate func without(_ key: AnyObject) -> LocalBinding? {
    var one: LocalBinding? = self
    while let binding = one, binding.key !== key { one = binding.next }
    guard one != nil else { return self }
    return self.key === key ? next : copied(next: next?.without(key))
  }

  fileprivate func copied(next: LocalBinding?) -> LocalBinding { LocalBinding(key: key, next: next) }

  /// The innermost around the calling code; retained by the fiber's record, or by the thread's word.
  static var current: Unmanaged<LocalBinding>? {
    get {
      if let (_, fiber) = Hub.running { return fiber.record.pointee.locals }
      return cfiber_thread_word().pointee.map { Unmanaged.fromOpaque($0) }
    }
    set {
      if let (_, fiber) = Hub.running {
        fiber.record.pointee.locals = newValue
      } else {
        cfiber_thread_word().pointee = newValue?.toOpaque()
      }
    }
  }
}

private final class BoundValue<Value>: LocalBinding {
  let value: Value

  init(key: AnyObject, next: LocalBinding?, value: Value) {
    self.value = value
    super.init(key: key, next: next)
  }

  override func copied(next: LocalBinding?) -> LocalBinding { BoundValue(key: key, next: next, value: value) }
}
