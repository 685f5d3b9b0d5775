import CDifferential
import CaseSupport
import Glibc
import Green

/// Code that runs at once runs on threads.
let threads = differential_world(
  spawn: { body, context in
    // Unsafe: the context outlives the thread, which is joined.
    nonisolated(unsafe) let (body, context) = (body!, context)
    return Unmanaged.passRetained(PlainThread { body(context) }).toOpaque()
  },
  join: { Unmanaged<PlainThread>.fromOpaque($0!).takeRetainedValue().join() })

/// Code that runs at once runs in fibers.
let fibers = differential_world(
  spawn: { body, context in
    nonisolated(unsafe) let (body, context) = (body!, context)
    return Unmanaged.passRetained(Fiber.spawn { body(context) }).toOpaque()
  },
  join: { try? Unmanaged<Fiber<Void>>.fromOpaque($0!).takeRetainedValue().value })

/// Where the redirect knowingly does not do as the kernel does: the beginning of a case's name, and why.
let documentedDifferences: [(name: String, why: String)] = [
  ("errno after success: gethostby", "glibc's own sets errno to 0 where a file had the answer"),
  ("TCP_FASTOPEN_CONNECT, refused", "what went with the first packet is sent; the next call tells of the refusal"),
]
