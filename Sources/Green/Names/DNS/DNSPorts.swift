internal import CGlibc
internal import Glibc

/// One UDP socket, from which a few questions are asked.
///
/// A forger who does not see a question must guess the port that it came from besides its identifier (RFC 5452, 4.5), so
/// no port is to serve many. c-ares 1.18 has one socket for each server, for as long as anything is under way; it is
/// given a number that stays the same while its sockets change.
final class DNSPort {
  let descriptor: CInt
  /// What c-ares calls it: its first socket there, which stays open as long as c-ares knows it.
  let handle: CInt
  /// How many questions have been asked from it.
  var asked = 0
  /// How many of those are under way.
  var underWay = 0

  init(_ descriptor: CInt, handle: CInt) {
    self.descriptor = descriptor
    self.handle = handle
  }
}

/// The sockets of one channel.
struct DNSPorts {
  /// So few that the port is worth guessing for no more than these, and enough that a thousand questions at once take a
  /// hundred descriptors or so.
  static let questionsForEach = 8

  private var all: [CInt: DNSPort] = [:]
  /// From which the next question is asked, for each of c-ares' numbers.
  private var current: [CInt: DNSPort] = [:]

  subscript(descriptor: CInt) -> DNSPort? { all[descriptor] }

  /// c-ares has made a socket.
  mutating func opened(_ handle: CInt) {
    let port = DNSPort(handle, handle: handle)
    all[handle] = port
    current[handle] = port
  }

  /// The port for one more question; a new one when that of now has asked its share. Where no socket can be had, it asks
  /// more than that.
  ///
  /// - Returns: `nil` for a number that is not a UDP socket's.
  mutating func forNext(_ handle: CInt, watch: (CInt) -> Void, unwatch: (CInt) -> Void) -> DNSPort? {
    guard let port = current[handle] else { return nil }
    guard port.asked >= Self.questionsForEach, let descriptor = Self.another(like: handle) else { return port }
    let new = DNSPort(descriptor, handle: handle)
    all[descriptor] = new
    current[handle] = new
    watch(descriptor)
    closeIfDone(port, unwatch)
    return new
  }

  /// A question from the port is under way no longer; a port that has asked its share then goes.
  mutating func ended(_ port: DNSPort, unwatch: (CInt) -> Void) {
    port.underWay -= 1
    closeIfDone(port, unwatch)
  }

  /// Its last question may have ended before it had a successor, or after.
  private mutating func closeIfDone(_ port: DNSPort, _ unwatch: (CInt) -> Void) {
    guard port.underWay == 0, port.descriptor != port.handle, current[port.handle] !== port,
      all[port.descriptor] === port
    else { return }
    all[port.descriptor] = nil
    unwatch(port.descriptor)
    Glibc.close(port.descriptor)
  }

  /// c-ares closes its socket: what the number stands for goes too.
  mutating func closed(_ handle: CInt, unwatch: (CInt) -> Void) {
    current[handle] = nil
    for port in all.values where port.handle == handle {
      all[port.descriptor] = nil
      if port.descriptor != handle {
        unwatch(port.descriptor)
        Glibc.close(port.descriptor)
      }
    }
  }

  /// Another socket with the same peer.
  private static func another(like handle: CInt) -> CInt? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer -> CInt? in
        guard getpeername(handle, peer, &length) == 0 else { return nil }
        let descriptor = datagramSocket(CInt(peer.pointee.sa_family))
        guard descriptor >= 0 else { return nil }
        guard Glibc.connect(descriptor, peer, length) == 0 else {
          Glibc.close(descriptor)
          return nil
        }
        return descriptor
      }
    }
  }

  static func datagramSocket(_ family: CInt) -> CInt {
    let descriptor = cglibc_socket(family, cglibc_sock_dgram())
    guard descriptor >= 0 else { return descriptor }
    // The kernel cuts this at net.core.rmem_max and wmem_max.
    var size: CInt = 4 << 20
    for option in [SO_RCVBUF, SO_SNDBUF] {
      setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    return descriptor
  }
}
