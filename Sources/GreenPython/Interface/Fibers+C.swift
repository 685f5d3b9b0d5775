public import CGreenPython
import Glibc
import Green
import SystemPackage

// A fiber's handle is the retained object.

private func fiber(_ handle: OpaquePointer) -> PythonFiber {
  Unmanaged<PythonFiber>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

@c @implementation
public func greenpython_in_fiber() -> Bool { Fiber.current != nil }

@c @implementation
public func greenpython_refusal() -> UnsafePointer<CChar>! { Slots.refusal }

@c @implementation
public func greenpython_spawn(_ job: UnsafeMutableRawPointer!, _ name: UnsafePointer<CChar>!) -> OpaquePointer! {
  guard Hub.current != nil else {
    errno = EINVAL
    return nil
  }
  let fiber = PythonFiber(job)
  let number = errorNumber { fiber.slot = try Slots.current.run(.run(fiber)) }
  errno = number
  return number == 0 ? OpaquePointer(Unmanaged.passRetained(fiber).toOpaque()) : nil
}

@c @implementation
public func greenpython_join(_ handle: OpaquePointer!, _ nanoseconds: Int64) -> CInt {
  let deadline = nanoseconds < 0 ? Deadline.never : .after(.nanoseconds(nanoseconds))
  return errorNumber { try fiber(handle).join(until: deadline) }
}

@c @implementation
public func greenpython_cancel(_ handle: OpaquePointer!) { fiber(handle).slot?.cancel() }

@c @implementation
public func greenpython_release(_ handle: OpaquePointer!) {
  Unmanaged<PythonFiber>.fromOpaque(UnsafeRawPointer(handle)).release()
}

@c @implementation
public func greenpython_current_fiber() -> UnsafeMutableRawPointer! { ParkedFiber.current?.address }

@c @implementation
public func greenpython_interrupt(_ fiber: UnsafeMutableRawPointer!) -> Bool { Slots.current.interrupt(fiber) }

@c @implementation
public func greenpython_deadline() -> Int64 {
  let deadline = Fiber.currentDeadline
  return deadline == .never ? -1 : deadline.nanoseconds
}

@c @implementation
public func greenpython_set_deadline(_ nanoseconds: Int64) -> Int64 {
  let deadline = nanoseconds < 0 ? Deadline.never : Deadline(nanoseconds: nanoseconds)
  let before = ParkedFiber.setScopeDeadline(deadline)
  return before == .never ? -1 : before.nanoseconds
}

@c @implementation
public func greenpython_wait_ends_by_deadline(_ fiber: UnsafeRawPointer!) -> Bool {
  ParkedFiber.waitEndsByDeadline(at: fiber)
}

@c @implementation
public func greenpython_has_met_deadline(_ fiber: UnsafeRawPointer!) -> Bool { ParkedFiber.hasMetDeadline(at: fiber) }

@c @implementation
public func greenpython_yield() { Fiber.yield() }

@c @implementation
public func greenpython_count(_ counters: UnsafeMutablePointer<greenpython_counters>!) -> CInt {
  let slots = Slots.current
  var counted = greenpython_counters()
  if let hub = Hub.current?.counters {
    (counted.fibers, counted.parked) = (UInt64(hub.alive), UInt64(hub.parked))
    counted.switches = hub.switches
  }
  (counted.slots, counted.slots_in_use) = (UInt64(slots.count), UInt64(slots.inUse))
  (counted.slots_most, counted.requests) = (UInt64(slots.most), slots.answered)
  counters.pointee = counted
  return 0
}

@c @implementation
public func greenpython_dump() -> UnsafeMutablePointer<CChar>! {
  guard let hub = Hub.current else { return nil }
  return strdup("\(hub.dump())")
}
