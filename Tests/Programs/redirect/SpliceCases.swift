import CCalls
import CaseSupport
import Glibc
import Green

let spliceCases = [
  Case("slow readers of what splice sends keep nobody from a thread of the pool") {
    var all: [CInt] = []
    let bytes = [UInt8](repeating: 7, count: 1 << 16)
    let fibers = (0..<12).map { _ in
      let (pipe, sockets) = (makePipe(), makeSocketPair())
      all += [pipe.read, pipe.write, sockets.0, sockets.1]
      return Fiber.spawn {
        // The second finds the socket full.
        for _ in 0..<8 {
          try expectEqual(write(pipe.write, bytes, bytes.count), bytes.count)
          if ccalls_splice(pipe.read, sockets.1, bytes.count) != bytes.count { return }
        }
      }
    }
    usleep(100_000)
    try whileOthersRun {
      for _ in 0..<3 { try expectEqual(offload { 7 }, 7) }
      usleep(5000)
    }
    for fiber in fibers { fiber.cancel() }
    for fiber in fibers { try fiber.value }
    for descriptor in all { close(descriptor) }
  },
  Case("what splice sends to a slow reader arrives whole") {
    let (pipe, sockets) = (makePipe(), makeSocketPair())
    let size = 1 << 22
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try whileOthersRun {
      try together(
        {
          try expectEqual(write(pipe.write, bytes, size), size)
          close(pipe.write)
        },
        {
          var total = 0
          while case let count = ccalls_splice(pipe.read, sockets.1, size), count != 0 {
            try expect(count > 0, "errno \(errno)")
            total += count
          }
          try expectEqual(total, size)
          close(sockets.1)
        },
        {
          var room = [UInt8](repeating: 0, count: 50_000)
          var all: [UInt8] = []
          while case let count = read(sockets.0, &room, room.count), count > 0 {
            all += room[..<count]
            usleep(300)
          }
          try expect(all == bytes, "\(all.count) bytes, or others")
        })
    }
    close(pipe.read)
    close(sockets.0)
  },
]
