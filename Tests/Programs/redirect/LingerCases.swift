import CCalls
import CaseSupport
import Glibc
import Green

/// A connection over loopback whose client has sent what the server, which does not read, has no room for.
private func makeFull() throws -> (client: CInt, server: Socket) {
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let client = try Socket.connect(to: listener.address!)
  let server = try listener.accept()
  let copy = dup(client.descriptor)
  client.close()
  fill(copy)
  return (copy, server)
}

/// Sends until neither side has room for more, nor when the kernel has brought over what was on its way.
private func fill(_ descriptor: CInt) {
  let bytes = [UInt8](repeating: 0, count: 1 << 20)
  var inVain = 0
  while inVain < 4 {
    if send(descriptor, bytes, bytes.count, CInt(MSG_DONTWAIT)) > 0 {
      inVain = 0
    } else {
      inVain += 1
      usleep(20_000)
    }
  }
}

private func setLinger(_ descriptor: CInt, seconds: CInt = 1) {
  var value = linger(l_onoff: 1, l_linger: seconds)
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout.size(ofValue: value)))
}

let lingerCases = [
  Case("a close that lingers lets others run, as long as it is told to") {
    let closes: [(CInt) -> Void] = [
      { close($0) },
      { fclose(fdopen($0, "w")) },
      { descriptor in
        dup2(STDERR_FILENO, descriptor)
        close(descriptor)
      },
      { ccalls_close_range($0, $0) },
    ]
    for close in closes {
      let (client, server) = try makeFull()
      setLinger(client)
      var taken = 0.0
      try whileOthersRun { taken = seconds { close(client) } }
      try expect(taken > 0.5, "it took \(taken) s")
      try expectEqual(fcntl(client, F_GETFD), -1, "it is open")
      server.close()
    }
  },
  Case("sockets that linger are closed with the others of a range, while others run") {
    let (one, other) = (try makeFull(), try makeFull())
    let plain = try Pipe()
    let descriptors = [one.client, other.client].sorted()
    for descriptor in descriptors { setLinger(descriptor) }
    // Beside the two nothing but the pipe lies between them and the end.
    let first = dup2(descriptors[0], 700)
    let last = dup2(descriptors[1], 702)
    let between = dup2(plain.reading.descriptor, 701)
    for descriptor in descriptors { close(descriptor) }
    try whileOthersRun { ccalls_close_from(first) }
    for descriptor in [first, between, last] { try expectEqual(fcntl(descriptor, F_GETFD), -1, "\(descriptor)") }
    try expectEqual(fcntl(plain.reading.descriptor, F_GETFD), FD_CLOEXEC, "one below the range")
    one.server.close()
    other.server.close()
  },
  Case("who reads a socket that lingers, and that another hub closes with a range, is told") {
    let (client, server) = try makeFull()
    setLinger(client)
    _ = fcntl(client, F_SETFL, 0)
    let closer = Fiber.spawn {
      usleep(20_000)
      PlainThread { try? Hub.run { _ = ccalls_close_range(client, client) } }.join()
    }
    var byte: UInt8 = 0
    try expectEqual(read(client, &byte, 1), -1)
    try expectEqual(errno, EBADF)
    try closer.value
    server.close()
  },
  Case("who begins to wait for a descriptor of a range while others of it linger is told of its close") {
    let closes: [(CInt) -> Void] = [{ ccalls_close_range($0, 1000) }, { ccalls_close_from($0) }]
    for (number, closeRange) in closes.enumerated() {
      let (client, server) = try makeFull()
      setLinger(client)
      let high = dup2(client, 700)
      close(client)
      // Above all that anybody has waited for.
      let ends = makePipe()
      let waited = dup2(ends.read, 900 + CInt(number))
      try together(
        { closeRange(high) },
        {
          usleep(100_000)
          var byte: UInt8 = 0
          try expectEqual(read(waited, &byte, 1), -1, "read")
          try expectEqual(errno, EBADF)
        })
      close(ends.read)
      close(ends.write)
      server.close()
    }
  },
  Case("a fiber that is cancelled does not linger") {
    let (client, server) = try makeFull()
    setLinger(client, seconds: 30)
    let fiber = Fiber.spawn { seconds { close(client) } }
    usleep(20_000)
    fiber.cancel()
    let taken = try fiber.value
    try expect(taken < 15, "it took \(taken) s")
    server.close()
  },
  Case("Green's own socket lingers and lets others run") {
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    var taken: [Double] = []
    repeat {
      let client = try Socket.connect(to: listener.address!)
      let server = try listener.accept()
      try client.setOption(.linger, to: .seconds(2))
      fill(client.descriptor)
      try whileOthersRun { taken.append(seconds { client.close() }) }
      try expect(taken.last! > 1.5, "it took \(taken) s")
      server.close()
      // Once, and not in the runtime and in the kernel after it. What a busy machine adds it does not add each time.
    } while taken.last! > 3.9 && taken.count < 5
    try expect(taken.last! < 3.9, "it took \(taken) s")
  },
]
