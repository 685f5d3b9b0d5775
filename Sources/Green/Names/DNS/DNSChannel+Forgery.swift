internal import CGlibc
internal import Glibc

// MARK: What comes, before c-ares sees it

extension DNSChannel {
  /// After so many answers in a row that repeat their question in other letters, the servers are such that do not keep
  /// them.
  private static let mismatchesOfAServerThatFolds = 3
  /// A question is asked so often in drawn letters before it is asked as it was written: by a server that does not keep
  /// them it would never be answered.
  private static let drawnAttempts = 2

  func drawsLetters(of query: Query) -> Bool {
    !settings.usesTCP && query.mismatches < Self.drawnAttempts
      && mismatchesInARow < Self.mismatchesOfAServerThatFolds
  }

  /// Whether c-ares is to see a packet. What answers no question under way, or comes to a port that the question was not
  /// asked from, may be forged and changes nothing.
  private func takes(_ packet: UnsafeRawBufferPointer, at port: DNSPort) -> Bool {
    guard packet.count >= 12 else { return true }
    guard let query = underWay[UInt16(packet[0]) << 8 | UInt16(packet[1])], let letters = query.letters,
      query.ports.contains(where: { $0 === port })
    else { return false }
    let match = letters.match(packet)
    if match == .other { return false }
    let isTruncated = packet[2] & 2 != 0
    if match != .otherCase {
      if match == .same {
        // Whatever was forged before, c-ares goes on from here.
        query.isUnverified = false
        if letters.tells { mismatchesInARow = 0 }
      }
      note(packet[3] & 15, for: query)
    } else if !isTruncated {
      // Forged, or of a server that does not keep the letters: it is asked again, by another identifier. A refusal too, which
      // would have c-ares give the question up, or ask without EDNS, and what it hears of that is judged anew.
      query.isUnverified = true
      query.mismatches += 1
      mismatchesInARow += 1
    }
    return true
  }

  /// Of failures c-ares only remembers that there was one.
  private func note(_ code: UInt8, for query: Query) {
    query.isNotUnderstood = false
    if code == 1 {
      // A server that does not know the extension: c-ares asks again without it, where this is the first that it hears
      // of that, and so do we from now on.
      usesEDNS = false
      query.isNotUnderstood = query.isExtended
      query.isExtended = false
    }
    if code == 2 || code == 4 || code == 5 { query.refusal = code }
  }

  func receiveDatagram(
    _ handle: CInt, _ buffer: UnsafeMutableRawPointer, _ count: Int, _ flags: CInt,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: UnsafeMutablePointer<socklen_t>?
  ) -> Int {
    let room = length?.pointee ?? 0
    while let port = reading, port.handle == handle, ports[port.descriptor] === port {
      length?.pointee = room
      let received = recvfrom(port.descriptor, buffer, count, flags, address, length)
      if received <= 0 { return received }
      let packet = UnsafeRawBufferPointer(start: buffer, count: received)
      let question = questionLacking(in: packet)
      if takes(packet, at: port) {
        guard let question else { return received }
        return Self.add(question, to: UnsafeMutableRawBufferPointer(start: buffer, count: count))
      }
    }
    errno = EAGAIN
    return -1
  }

  /// RFC 6891 section 7: a server that does not know the extension may answer with a header alone. c-ares takes that for no
  /// answer to any question, and would ask with the extension again until nobody waits any more.
  private func questionLacking(in packet: UnsafeRawBufferPointer) -> [UInt8]? {
    guard packet.count >= 12, packet[3] & 15 == 1, packet[4..<12].allSatisfy({ $0 == 0 }),
      let query = underWay[UInt16(packet[0]) << 8 | UInt16(packet[1])], query.isExtended
    else { return nil }
    return query.letters?.drawn
  }

  /// Has a header be followed by a question.
  ///
  /// - Returns: the packet's length.
  private static func add(_ question: [UInt8], to packet: UnsafeMutableRawBufferPointer) -> Int {
    guard packet.count >= 12 + question.count else { return 12 }
    packet[5] = 1
    UnsafeMutableRawBufferPointer(rebasing: packet[12...]).copyBytes(from: question)
    return 12 + question.count
  }

  func receiveStream(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer, _ count: Int, _ flags: CInt) -> Int {
    let received = recv(descriptor, buffer, count, flags)
    guard received > 0 else { return received }
    streams[descriptor, default: DNSStream()].take(UnsafeRawBufferPointer(start: buffer, count: received)) { head in
      guard let query = underWay[UInt16(head[0]) << 8 | UInt16(head[1])] else { return }
      note(head[3] & 15, for: query)
    }
    return received
  }

  // MARK: Sockets that c-ares opens, sends from and closes

  func opened(_ descriptor: CInt, _ type: CInt) {
    if type == cglibc_sock_dgram() { ports.opened(descriptor) }
  }

  func closed(_ descriptor: CInt) {
    streams[descriptor] = nil
    ports.closed(descriptor) { watch($0, readable: false, writable: false) }
  }

  /// The socket for a packet: one of its own for a few questions, where c-ares has one for all.
  func socket(for packet: UnsafePointer<iovec>, _ handle: CInt) -> CInt {
    let port = ports.forNext(
      handle, watch: { watch($0, readable: true, writable: false) },
      unwatch: { watch($0, readable: false, writable: false) })
    guard let port else { return handle }
    port.asked += 1
    if packet.pointee.iov_len >= 2, let bytes = packet.pointee.iov_base?.assumingMemoryBound(to: UInt8.self),
      let query = underWay[UInt16(bytes[0]) << 8 | UInt16(bytes[1])], !query.ports.contains(where: { $0 === port })
    {
      port.underWay += 1
      query.ports.append(port)
    }
    return port.descriptor
  }
}
