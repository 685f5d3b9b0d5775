internal import CLibGreen
internal import Glibc
internal import Green
internal import SystemPackage

@c @implementation
public func green_wait(_ descriptor: CInt, _ direction: CInt, _ deadline: Int64) -> CInt {
  errorNumber {
    let deadline = Deadline(nanoseconds: deadline)
    switch Int(direction) {
    case GREEN_READ: try Readiness.wait(for: descriptor, .read, until: deadline)
    case GREEN_WRITE: try Readiness.wait(for: descriptor, .write, until: deadline)
    default: throw Errno.invalidArgument
    }
  }
}

@c @implementation
public func green_closing(_ descriptor: CInt) {
  DescriptorOwners.closed(descriptor, DescriptorOwners.closing(descriptor))
}

/// Who was told before the close may wait again meanwhile, which sets the descriptor's mark again.
@c @implementation
public func green_closed(_ descriptor: CInt) { DescriptorOwners.closed(descriptor, false) }

@c @implementation
public func green_offload(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)!, _ context: UnsafeMutableRawPointer!,
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> CInt {
  // Unsafe: the caller stands still until the other thread has finished with its context.
  nonisolated(unsafe) let context = context
  let body = body!
  return errorNumber {
    let value = try withShield {
      try offload {
        nonisolated(unsafe) let value = body(context)
        return value
      }
    }
    result?.pointee = value
  }
}
