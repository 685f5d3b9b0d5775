internal import CFiber

/// A value that each fiber has its own of: `TaskLocal` for fibers.
///
/// ```swift
/// enum Request { @FiberLocal static var id = "none" }
/// Request.$id.withValue("r-17") {
///   log("\(Request.id) begins")                 // r-17
///   Fiber.spawn { log("\(Request.id) goes on") } // r-17: a fiber inherits the values of who spawned it
/// }
/// ```
///
/// Reading walks the values bound around the calling code, the innermost first. Outside fibers the value belongs to the
/// thread.
@propertyWrapper
public final class FiberLocal<Value: Sendable>: Sendable {
  private let defaultValue: Value

  /// The value where none is bound.
  public init(wrappedValue: Value) { defaultValue = wrappedValue }

  /// The value that is bound around the calling code, else the default.
  public var wrappedValue: Value {
    var binding = LocalBinding.current?.takeUnretainedValue()
    while let one = binding {
      if one.key === self { return unsafeDowncast(one, to: BoundValue<Value>.self).value }
      binding = one.next
    }
    return defaultValue
  }

  public var projectedValue: FiberLocal<Value> { self }

  /// Calls `body`, in which the local is `value`, and so it is in fibers that are spawned there.
  public func withValue<Result>(_ value: Value, _ body: () throws -> Result) rethrows -> Result {
    let outer = LocalBinding.current
    let binding = BoundValue(key: self, next: outer?.takeUnretainedValue(), value: value)
    LocalBinding.current = Unmanaged.passRetained(binding)
    defer {
      LocalBinding.current?.release()
      LocalBinding.current = outer
    }
    return try body()
  }
}

/// One bound value and those bound around it. Never changed, so that fibers share them.
class LocalBinding {
  unowned(unsafe) let key: AnyObject
  let next: LocalBinding?

  fileprivate init(key: AnyObject, next: LocalBinding?) {
    self.key = key
    self.next = next
  }

  /// The innermost around the calling code; retained by the fiber's record, or by the thread's word.
  static var current: Unmanaged<LocalBinding>? {
    get {
      if let (_, fiber) = Hub.running { return fiber.record.pointee.locals }
      return green_thread_word().pointee.map { Unmanaged.fromOpaque($0) }
    }
    set {
      if let (_, fiber) = Hub.running {
        fiber.record.pointee.locals = newValue
      } else {
        green_thread_word().pointee = newValue?.toOpaque()
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
}
