internal import CFiber
internal import CLibGreen
internal import Glibc
internal import Green
internal import SystemPackage

// A fiber's handle is the retained object.

private typealias BodyFiber = Fiber<UnsafeMutableRawPointer?>

private func reference(_ handle: OpaquePointer) -> Unmanaged<BodyFiber> { .fromOpaque(UnsafeRawPointer(handle)) }

@c @implementation
public func green_spawn_at(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!, _ context: UnsafeMutableRawPointer!,
  _ name: UnsafePointer<CChar>!, _ file: UnsafePointer<CChar>!,
  _ line: UInt32
) -> OpaquePointer! {
  spawn(.shared, body, context, name, file, line)
}

@c @implementation
public func green_spawn_isolated_at(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!, _ context: UnsafeMutableRawPointer!,
  _ name: UnsafePointer<CChar>!, _ file: UnsafePointer<CChar>!,
  _ line: UInt32
) -> OpaquePointer! {
  spawn(.thread, body, context, name, file, line)
}

@c @implementation
public func green_can_isolate(_ reason: UnsafeMutablePointer<UnsafePointer<CChar>?>!) -> Bool {
  let refusal = cfiber_isolation_refusal()
  reason?.pointee = refusal
  return refusal == nil
}

private func spawn(
  _ isolation: FiberIsolation, _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!,
  _ context: UnsafeMutableRawPointer!, _ name: UnsafePointer<CChar>!,
  _ file: UnsafePointer<CChar>!, _ line: UInt32
) -> OpaquePointer? {
  guard Hub.current != nil else { return failed(EINVAL) }
  var handle: OpaquePointer?
  let body = body!
  let file = UnsafeRawPointer(file ?? unknown).assumingMemoryBound(to: UInt8.self)
  let error = errorNumber {
    let fiber = try BodyFiber.spawn(
      isolation: isolation, name: name.map { String(cString: $0) }, file: file, line: line
    ) { body(context) }
    handle = OpaquePointer(Unmanaged.passRetained(fiber).toOpaque())
  }
  return handle ?? failed(error)
}

private func failed(_ error: CInt) -> OpaquePointer? {
  errno = error
  return nil
}

// Unsafe: a constant of the library, which is never unloaded.
private nonisolated(unsafe) let unknown: UnsafePointer<CChar> = {
  let name: StaticString = "unknown"
  return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}()

@c @implementation
public func green_join(
  _ handle: OpaquePointer!, _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>!, _ deadline: Int64
) -> CInt {
  let fiber = reference(handle).takeUnretainedValue()
  if fiber === Fiber.current { return EDEADLK }
  let error = errorNumber { try fiber.join(until: Deadline(nanoseconds: deadline)) }
  if error != 0 { return error }
  defer { reference(handle).release() }
  guard case .success(let value) = fiber.result else { return ENOENT }
  result?.pointee = value
  return 0
}

@c @implementation
public func green_detach(_ handle: OpaquePointer!) {
  if let handle { reference(handle).release() }
}

@c @implementation
public func green_cancel(_ handle: OpaquePointer!) { reference(handle).takeUnretainedValue().cancel() }

@c @implementation
public func green_is_cancelled() -> Bool { Fiber.isCancelled }

@c @implementation
public func green_id() -> UInt64 { Fiber.current?.id ?? 0 }

@c @implementation
public func green_yield() { Fiber.yield() }

@c @implementation
public func green_sleep(_ nanoseconds: Int64) -> CInt {
  errorNumber { try Fiber.sleep(for: .nanoseconds(max(0, nanoseconds))) }
}

@c @implementation
public func green_sleep_until(_ deadline: Int64) -> CInt {
  errorNumber { try Fiber.sleep(until: Deadline(nanoseconds: deadline)) }
}

@c @implementation
public func green_with_deadline(
  _ deadline: Int64, _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!,
  _ context: UnsafeMutableRawPointer!,
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> CInt {
  let deadline = Deadline(nanoseconds: deadline)
  return errorNumber {
    let value = try withDeadline(deadline) { body(context) }
    result?.pointee = value
    if deadline.hasPassed { throw Errno.timedOut }
  }
}

@c @implementation
public func green_on_big_stack(
  _ bytes: Int, _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!,
  _ context: UnsafeMutableRawPointer!,
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> CInt {
  errorNumber {
    let call = { body(context) }
    // Not assigned at once: where nobody wants the result, the call would not be made.
    let value = try bytes == 0 ? Fiber.onBigStack(call) : Fiber.onBigStack(bytes: bytes, call)
    result?.pointee = value
  }
}

@c @implementation
public func green_with_shield(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!, _ context: UnsafeMutableRawPointer!
) -> UnsafeMutableRawPointer! {
  withShield { body(context) }
}
