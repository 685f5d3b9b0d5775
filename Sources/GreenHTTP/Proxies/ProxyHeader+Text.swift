internal import Glibc
internal import Green

/// Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 40312 443`, and CRLF.
extension ProxyHeader {
  /// The longest line that any header of version 1 can be, CRLF included.
  private static var longestLine: Int { 107 }

  static func parseText(_ bytes: UnsafeRawBufferPointer) -> ProxyHeaderOutcome {
    let seen = bytes.prefix(longestLine)
    guard let end = seen.firstIndex(of: 0x0a) else {
      return bytes.count >= longestLine ? .bad(.length) : .incomplete
    }
    guard seen[end - 1] == 0x0d else { return .bad(.form) }
    do throws(ProxyHeaderFault) {
      return .complete(end + 1, try parse(seen[..<(end - 1)]))
    } catch {
      return .bad(error)
    }
  }

  private static func parse(_ line: Slice<UnsafeRawBufferPointer>) throws(ProxyHeaderFault) -> ProxyHeader {
    // By its bytes: a blank with a mark after it that combines is no character of its own.
    let pieces = line.split(separator: 0x20, omittingEmptySubsequences: false)
    let words = pieces.map { String(decoding: $0, as: UTF8.self) }
    guard words.count > 1 else { throw .form }
    // What follows UNKNOWN must be ignored.
    if words[1] == "UNKNOWN" { return ProxyHeader() }
    guard words.count == 6, let family = ["TCP4": AF_INET, "TCP6": AF_INET6][words[1]] else { throw .form }
    let source = try address(words[2], port: words[4], family)
    return ProxyHeader(addresses: (source, try address(words[3], port: words[5], family)))
  }

  private static func address(_ text: String, port: String, _ family: CInt) throws(ProxyHeaderFault) -> SocketAddress {
    guard let address = IPAddress(strict: text, family) else { throw .address }
    guard port.utf8.allSatisfy({ $0 &- 0x30 < 10 }), port == "0" || port.first != "0", let number = UInt16(port) else {
      throw .port
    }
    return address.socketAddress(port: number)
  }
}
