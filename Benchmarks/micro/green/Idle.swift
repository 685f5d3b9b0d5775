internal import Glibc
internal import Green

/// A hub with nothing to do: one fiber waits for a socket on which nothing ever comes, another for that fiber to end.
/// Says `ready` and stays so for `seconds`.
func beIdle(_ seconds: Int) throws {
  var ends: [CInt] = [-1, -1]
  guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fatalError("socketpair: \(errno)") }
  let waiting = ends[0]
  try Hub.run {
    let receiver = Fiber.spawn { try Readiness.wait(for: waiting, .read, until: .after(.seconds(seconds))) }
    Fiber.yield()
    show("ready", 1)
    do { try receiver.value } catch {}
  }
}
