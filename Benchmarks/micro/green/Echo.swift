internal import Green

/// An echo server, one fiber a connection, on a port of the loopback that it prints. Runs until it is ended.
func serveEcho(_ messageBytes: Int) throws {
  try Hub.run {
    let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
    show("port", listener.address!.port!)
    while true {
      let socket = try listener.accept()
      Fiber.spawn { try echo(socket, messageBytes) }
    }
  }
}

private func echo(_ socket: Socket, _ messageBytes: Int) throws {
  try withUnsafeTemporaryAllocation(byteCount: messageBytes, alignment: 16) { buffer in
    while case let count = try socket.receive(into: buffer), count > 0 {
      try socket.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
