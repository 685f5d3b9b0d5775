internal import CGlibc
internal import Glibc
internal import SystemPackage

/// What Unix domain sockets do beyond carrying bytes, see `unix(7)`.
extension Socket {
  /// Two sockets that are connected to each other, without a name. See `socketpair(2)`.
  public static func pair() throws -> (Socket, Socket) {
    let ends = try twoDescriptors { cglibc_stream_pair($0) }
    return (Socket(adopting: ends.0, peer: .unnamedUnix), Socket(adopting: ends.1, peer: .unnamedUnix))
  }

  /// Who is at the other end: `SO_PEERCRED`. The kernel vouches for it.
  ///
  /// - Throws: `Errno` for a socket of another kind.
  public var peerCredentials: PeerCredentials {
    get throws {
      var (process, user, group): (Int32, UInt32, UInt32) = (0, 0, 0)
      _ = try systemCall { cglibc_peer_credentials(descriptor, &process, &user, &group) }
      // A socket of another kind has none, and says so with numbers that no process has.
      guard process > 0 else { throw Errno.notSupportedOnSocket }
      return PeerCredentials(process: process, user: user, group: group)
    }
  }

  /// Sends all the bytes and, beside the first of them, descriptors: `SCM_RIGHTS`. The peer gets descriptors of its own
  /// for the same open files; those given stay open here. Parks while the kernel's buffer is full.
  ///
  /// - Parameters:
  ///   - bytes: at least one, since descriptors travel beside bytes only.
  ///   - descriptors: at most 253.
  ///   - deadline: when to give up, with `Errno.timedOut`.
  /// - Throws: `Errno.invalidArgument` for no bytes or too many descriptors; as `send(_:until:)` otherwise.
  public func send(_ bytes: UnsafeRawBufferPointer, descriptors: [CInt], until deadline: Deadline = .never) throws {
    guard bytes.count > 0, descriptors.count <= CGLIBC_MOST_DESCRIPTORS else { throw Errno.invalidArgument }
    var sent = 0
    try sendInTurn(until: deadline) {
      sent += try sendNow {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        return cglibc_send_descriptors(
          descriptor, rest.baseAddress, rest.count, descriptors, sent == 0 ? descriptors.count : 0)
      }
      Hub.spend(bytes: 0)
      return sent == bytes.count
    }
  }

  /// Receives at least one byte, 0 at the end of the stream, and the descriptors that were sent beside it. A plain
  /// receive throws such descriptors away. Parks until then.
  ///
  /// - Throws: as `receive(into:until:)`; no descriptor has been taken then.
  public func receiveDescriptors(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws
    -> ReceivedDescriptors
  {
    guard buffer.count > 0 else { throw Errno.invalidArgument }
    return try withUnsafeTemporaryAllocation(of: CInt.self, capacity: Int(CGLIBC_MOST_DESCRIPTORS)) { room in
      var number = 0
      var isTruncated = false
      let count = try receiving(until: deadline) {
        let count = cglibc_receive_descriptors(
          descriptor, buffer.baseAddress, buffer.count, room.baseAddress, &number, &isTruncated)
        // A receive ends before the next descriptors also where bytes are left.
        isDrained = false
        return count
      }
      for descriptor in room[..<number] { DescriptorOwners.opened(descriptor) }
      return ReceivedDescriptors(count: count, descriptors: Array(room[..<number]), isTruncated: isTruncated)
    }
  }
}

extension SocketAddress {
  /// The address of a Unix domain socket that has none.
  static let unnamedUnix = {
    var address = sockaddr()
    address.sa_family = sa_family_t(AF_UNIX)
    return SocketAddress(&address, length: socklen_t(MemoryLayout<sa_family_t>.size))!
  }()
}
