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
    let line = String(decoding: seen[..<(end - 1)], as: UTF8.self)
    do throws(ProxyHeaderFault) {
      return .complete(end + 1, try parse(line))
    } catch {
      return .bad(error)
    }
  }

  private static func parse(_ line: String) throws(ProxyHeaderFault) -> ProxyHeader {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
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
