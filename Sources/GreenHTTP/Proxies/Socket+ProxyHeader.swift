package import Green

extension Socket {
  /// Receives the PROXY header that the connection must begin with, and no byte more. Parks or blocks until it is there.
  ///
  /// - Throws: ``ProxyHeaderFault`` for what is not one; `Errno.timedOut` where it does not come in time.
  package func receiveProxyHeader(speaking spoken: ProxyProtocol, until deadline: Deadline) throws -> ProxyHeader {
    try withUnsafeTemporaryAllocation(byteCount: ProxyHeader.most, alignment: 16) { memory in
      var received = 0
      while true {
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[received...])
        let seen = try peek(into: room, until: deadline)
        if seen == 0 { throw received == 0 ? ProxyHeaderFault.missing : .truncated }
        let all = UnsafeRawBufferPointer(rebasing: memory[..<(received + seen)])
        switch ProxyHeader.parse(all, speaking: spoken) {
        case .bad(let fault): throw fault
        case .complete(let length, let header):
          try take(length - received, into: room, until: deadline)
          return header
        case .incomplete:
          // They are received, since a look at bytes that stay does not wait for more.
          try take(seen, into: room, until: deadline)
          received += seen
        }
      }
    }
  }

  /// Receives exactly so many bytes, which have come already.
  private func take(_ count: Int, into room: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws {
    var left = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
    while !left.isEmpty {
      let count = try receive(into: left, until: deadline)
      if count == 0 { throw ProxyHeaderFault.truncated }
      left = UnsafeMutableRawBufferPointer(rebasing: left[count...])
    }
  }
}
