internal import CFiber

/// Makes calls that do not wait, or are meant to block, past the redirect: they belong to the resolver, even where a
/// fiber makes them.
func bypassingRedirect<Result>(_ body: () throws -> Result) rethrows -> Result {
  let fiber = green_current()
  fiber?.pointee.bypass += 1
  defer { fiber?.pointee.bypass -= 1 }
  return try body()
}
