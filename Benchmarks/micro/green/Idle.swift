internal import Glibc
internal import Green

/// A hub with nothing to do: of `count` fibers half wait for a socket on which nothing ever comes, half for an event
/// that nobody sets. Says `ready` and stays so until it is ended.
func beIdle(_ count: Int) throws {
  var ends: [CInt] = [-1, -1]
  guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fatalError("socketpair: \(errno)") }
  let silent = ends[0]
  try Hub.run {
    let event = Event()
    let fibers = (0..<count).map { number in
      Fiber.spawn { if number % 2 == 0 { try Readiness.wait(for: silent, .read) } else { try event.wait() } }
    }
    Fiber.yield()
    show("ready", 1)
    for fiber in fibers { try fiber.value }
  }
}
