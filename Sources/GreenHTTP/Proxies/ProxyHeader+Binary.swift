internal import Glibc
internal import Green

/// Version 2: the signature, version and command, family and transport, and the length of what follows: two addresses and
/// other facts, each with a type and a length.
extension ProxyHeader {
  private static var fixedLength: Int { 16 }

  static func parseBinary(_ bytes: UnsafeRawBufferPointer) -> ProxyHeaderOutcome {
    // Each byte is refused as soon as it is there, so that the outcome does not depend on how many came with it.
    guard bytes.count > 12 else { return .incomplete }
    guard bytes[12] >> 4 == 2 else { return .bad(.version) }
    guard bytes[12] & 15 <= 1 else { return .bad(.command) }
    guard bytes.count >= fixedLength else { return .incomplete }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    guard fixedLength + length <= most else { return .bad(.length) }
    let isOwn = bytes[12] & 15 == 0
    let layout: Layout
    do throws(ProxyHeaderFault) {
      // A connection of the proxy's own has addresses that must be ignored.
      layout = isOwn ? .unknown : try Layout(bytes[13])
    } catch {
      return .bad(error)
    }
    guard length >= layout.length else { return .bad(.length) }
    guard bytes.count >= fixedLength + length else { return .incomplete }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[fixedLength..<(fixedLength + length)])
    guard layout == .unknown || isList(UnsafeRawBufferPointer(rebasing: rest[layout.length...])) else {
      return .bad(.length)
    }
    return .complete(fixedLength + length, ProxyHeader(addresses: layout.addresses(in: rest)))
  }

  /// Whether the bytes are facts one after the other, with nothing left over.
  private static func isList(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at + 3 <= bytes.count { at += 3 + (Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])) }
    return at == bytes.count
  }

  /// How the addresses lie in the header.
  private enum Layout {
    case unknown, v4, v6, unix

    /// From the byte of family and transport.
    init(_ byte: UInt8) throws(ProxyHeaderFault) {
      switch byte {
      case 0x00: self = .unknown
      case 0x11: self = .v4
      case 0x21: self = .v6
      case 0x31: self = .unix
      default: throw .transport
      }
    }

    var length: Int {
      switch self {
      case .unknown: 0
      case .v4: 12
      case .v6: 36
      case .unix: 216
      }
    }

    func addresses(in bytes: UnsafeRawBufferPointer) -> (source: SocketAddress, destination: SocketAddress)? {
      let size = self == .v4 ? 4 : 16
      switch self {
      case .unknown: return nil
      case .v4, .v6:
        func address(_ at: Int, port: Int) -> SocketAddress? {
          let number = UInt16(bytes[port]) << 8 | UInt16(bytes[port + 1])
          return IPAddress(bytes[at..<(at + size)])?.socketAddress(port: number)
        }
        guard let source = address(0, port: 2 * size), let destination = address(size, port: 2 * size + 2) else {
          return nil
        }
        return (source, destination)
      case .unix: return Self.unixAddresses(in: bytes)
      }
    }

    /// Two paths of 108 bytes, of which a client's is mostly empty.
    private static func unixAddresses(in bytes: UnsafeRawBufferPointer) -> (SocketAddress, SocketAddress)? {
      func address(_ path: Slice<UnsafeRawBufferPointer>) -> SocketAddress? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        return withUnsafePointer(to: address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            SocketAddress($0, length: socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
      }
      guard let source = address(bytes[..<108]), let destination = address(bytes[108..<216]) else { return nil }
      return (source, destination)
    }
  }
}
