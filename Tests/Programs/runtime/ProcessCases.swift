import CaseSupport
import Glibc
import Green

/// Uses about 1 KB of stack a level, in a way that the optimiser cannot undo.
@inline(never)
private func descend(_ depth: Int, _ seed: UInt64) -> UInt64 {
  withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 128) { room in
    for index in room.indices { room[index] = seed &+ UInt64(index) }
    return depth == 0 ? room[Int(seed % 128)] : descend(depth - 1, room[7]) &+ room[3]
  }
}

let processCases = [
  Case("a forked child runs the fiber that forked and no other") {
    var ends: [CInt] = [0, 0]
    pipe(&ends)
    let others = (0..<10).map { _ in
      Fiber.spawn {
        try Fiber.sleep(for: .milliseconds(100))
        var mark = UInt8(ascii: "x")
        write(ends[1], &mark, 1)
      }
    }
    try Fiber.sleep(for: .milliseconds(10))
    let child = fork()
    if child == 0 {
      // The child's own fibers, timers and descriptors work.
      let fiber = Fiber.spawn { try Fiber.sleep(for: .milliseconds(200)) }
      try fiber.value
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let server = Fiber.spawn { _ = try listener.accept() }
      _ = try Socket.connect(to: listener.address!)
      try server.value
      _exit(Hub.current!.fiberCount == 1 ? 7 : 8)
    }
    try expectEqual(waitFor(child), 7 << 8, "the child's status")
    for other in others { try other.value }
    var marks = [UInt8](repeating: 0, count: 100)
    try expectEqual(read(ends[0], &marks, 100), 10, "marks that the fibers left")
  },
  Case("deep recursion within the stack is fine") {
    let fiber = Fiber.spawn { descend(100, 1) }
    _ = try fiber.value
  },
  Case("overflow", isHidden: true) {
    _ = try Fiber.spawn(name: "GET /deep") { descend(1_000_000, 1) }.value
  },
  Case("a null pointer", isHidden: true) {
    try Fiber.spawn(name: "nothing") { UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1 }.value
  },
  Case("an unread error", isHidden: true) {
    Fiber.spawn(name: "lonely") { throw Failure(description: "it broke") }
    try Fiber.sleep(for: .milliseconds(1))
  },
  Case("100,000 fibers sleep at once") {
    let fibers = (0..<100_000).map { _ in Fiber.spawn { try Fiber.sleep(for: .milliseconds(50)) } }
    try expectEqual(Hub.current!.fiberCount, 100_001)
    for fiber in fibers { try fiber.value }
  },
]
