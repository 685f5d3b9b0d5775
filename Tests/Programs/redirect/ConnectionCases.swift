import CaseSupport
import Glibc
import Green

private func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

private func withAddress<Result>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result)
  -> Result
{
  withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
  }
}

/// A socket in blocking mode, as C code makes it, with a port that is nobody else's.
private func bound() -> (descriptor: CInt, port: UInt16) {
  let descriptor = socket(AF_INET, streamType, 0)
  var address = loopback(0)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withAddress(&address) { bind(descriptor, $0, length) }
  _ = withAddress(&address) { getsockname(descriptor, $0, &length) }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// One that listens, and its port.
private func listening() -> (descriptor: CInt, port: UInt16) {
  let (descriptor, port) = bound()
  listen(descriptor, 100)
  return (descriptor, port)
}

private func connected(to port: UInt16) -> (descriptor: CInt, result: CInt) {
  let descriptor = socket(AF_INET, streamType, 0)
  var address = loopback(port)
  return (descriptor, withAddress(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) })
}

let connectionCases = [
  Case("blocking accept and connect in fibers of one thread") {
    let (listener, port) = listening()
    try together(
      {
        for _ in 0..<20 {
          let connection = accept(listener, nil, nil)
          try expect(connection >= 0, "accept: errno \(errno)")
          Fiber.spawn {
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) == 1 { send(connection, &byte, 1, 0) }
            close(connection)
          }
        }
      },
      {
        usleep(10_000)
        try together(
          (0..<20).map { _ in
            {
              let (client, result) = connected(to: port)
              try expectEqual(result, 0, "connect")
              try expectEqual(fcntl(client, F_GETFL) & O_NONBLOCK, 0, "O_NONBLOCK")
              var byte: UInt8 = 9
              send(client, &byte, 1, 0)
              try expectEqual(recv(client, &byte, 1, 0), 1)
              close(client)
            }
          })
      })
    try expectEqual(fcntl(listener, F_GETFL) & O_NONBLOCK, 0, "O_NONBLOCK of the listener")
  },
  Case("connecting where nobody listens is refused") {
    // Kept, so that no other program gets its port and listens.
    let (descriptor, port) = bound()
    try expectEqual(connected(to: port).result, -1)
    try expectEqual(errno, ECONNREFUSED)
    close(descriptor)
  },
  Case("accept does not keep the thread when another takes the connection") { try raceForConnections() },
  Case("accept does not keep the thread either where the program has blocked every signal") {
    try raceForConnections(blocksSignals: true)
  },
  Case("bytes that come together with the end are received, and peeked at") {
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    for round in 0..<100 {
      let client = try Socket.connect(to: listener.address!)
      let server = try listener.accept()
      let (sending, receiving) = (client.descriptor, server.descriptor)
      _ = fcntl(receiving, F_SETFL, 0)
      let sender = PlainThread {
        send(sending, "abc", 3, 0)
        usleep(UInt32(round * 30))
        send(sending, "defghi", 6, 0)
        shutdown(sending, CInt(SHUT_WR))
      }
      var bytes = [UInt8](repeating: 0, count: 10)
      try expectEqual(recv(receiving, &bytes, 10, CInt(MSG_PEEK | MSG_WAITALL)), 9, "peek")
      try expectEqual(recv(receiving, &bytes, 10, CInt(MSG_WAITALL)), 9, "recv")
      try expectEqual(recv(receiving, &bytes, 10, 0), 0, "the end")
      sender.join()
      client.close()
      server.close()
    }
  },
]

/// Connections that a fiber and a thread accept from one listener.
private func raceForConnections(blocksSignals: Bool = false) throws {
  let (listener, port) = listening()
  var (all, before, after) = (sigset_t(), sigset_t(), sigset_t())
  sigfillset(&all)
  // It ends a case that hangs.
  sigdelset(&all, SIGALRM)
  pthread_sigmask(SIG_SETMASK, nil, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  nonisolated(unsafe) var taken = 0
  nonisolated(unsafe) var stolen = 0
  let fiber = Fiber.spawn {
    while case let connection = accept(listener, nil, nil), connection >= 0 {
      taken += 1
      if blocksSignals { pthread_sigmask(SIG_SETMASK, &all, nil) }
      close(connection)
    }
    try expectEqual(errno, ECANCELED)
  }
  Fiber.yield()
  let thief = PlainThread {
    while case let connection = accept(listener, nil, nil), connection >= 0 {
      stolen += 1
      close(connection)
    }
  }
  let flags = fcntl(listener, F_GETFL)
  let time = try seconds {
    for _ in 0..<300 {
      let (client, result) = connected(to: port)
      try expectEqual(result, 0)
      // Both accept at the same moment.
      usleep(200)
      close(client)
    }
  }
  usleep(10_000)
  try expect(time < 30, "took \(time) s")
  try expectEqual(fcntl(listener, F_GETFL), flags, "flags")
  fiber.cancel()
  try fiber.value
  shutdown(listener, CInt(SHUT_RDWR))
  thief.join()
  try expectEqual(taken + stolen, 300, "connections")
  pthread_sigmask(SIG_SETMASK, nil, &after)
  if blocksSignals && taken > 0 {
    for number in SIGINT..<64 where sigismember(&all, number) == 1 {
      try expect([SIGKILL, SIGSTOP].contains(number) || sigismember(&after, number) == 1, "\(number) is not blocked")
    }
  }
}
