internal import CFiber

/// Calls `body` with the redirect off for the calling fiber: what it calls is libc's own, and blocks the thread where it
/// waits.
package func bypassingRedirect<Result>(_ body: () throws -> Result) rethrows -> Result {
  let fiber = cfiber_current()
  fiber?.pointee.bypass += 1
  defer { fiber?.pointee.bypass -= 1 }
  return try body()
}
