internal import CLibGreen
internal import Glibc
internal import Green

@c @implementation
public func green_version() -> CInt { GREEN_VERSION_MAJOR * 1000 + GREEN_VERSION_MINOR }

@c @implementation
public func green_now() -> Int64 { Deadline.now.nanoseconds }

@c @implementation
public func green_after(_ nanoseconds: Int64) -> Int64 { Deadline.after(.nanoseconds(nanoseconds)).nanoseconds }

@c @implementation
public func green_run(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!, _ context: UnsafeMutableRawPointer!,
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> CInt {
  errorNumber {
    let value = try Hub.run { body(context) }
    result?.pointee = value
  }
}

// A hub's handle is its retained `Hub.Remote`, whose functions may be called on any thread.

@c @implementation
public func green_hub_current() -> OpaquePointer! {
  Hub.current.map { OpaquePointer(Unmanaged.passRetained($0.remote).toOpaque()) }
}

private func remote(_ hub: OpaquePointer) -> Unmanaged<Hub.Remote> { .fromOpaque(UnsafeRawPointer(hub)) }

@c @implementation
public func green_hub_post(
  _ hub: OpaquePointer!, _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!,
  _ context: UnsafeMutableRawPointer!
) -> CInt {
  // Unsafe: the caller hands its context over to the hub's thread.
  nonisolated(unsafe) let context = context
  let body = body!
  return remote(hub).takeUnretainedValue().spawn { _ = body(context) } ? 0 : ESRCH
}

@c @implementation
public func green_hub_release(_ hub: OpaquePointer!) {
  if let hub { remote(hub).release() }
}
