internal import Green

/// Somebody on the way of a request: an address, or what stands for one.
struct ForwardedNode {
  /// The address without its port, as it is usually written, or what stands for it.
  let text: String
  let address: IPAddress?

  private init(_ word: String) {
    text = word
    address = nil
  }

  private init(_ address: IPAddress) {
    self.address = address
    text = address.text
  }

  /// `node` of RFC 7239, 6: IPv6 in brackets, `unknown`, or a name that begins with `_`; and a port after it.
  init(strict text: String) throws(HeadFault) {
    if text.begins(with: "[") {
      self = try Self.bracketed(text)
      return
    }
    let parts = text.pieces(between: ":", most: 2)
    let name = String(parts[0])
    guard parts.count == 1 || Self.isPort(parts[1]) else { throw .forwarded }
    if let address = IPAddress(strict: name), address.isIPv4 {
      self.init(address)
    } else {
      guard name.lowercased() == "unknown" || Self.isObfuscated(name[...]) else { throw .forwarded }
      self.init(name.begins(with: "_") ? name : "unknown")
    }
  }

  /// As proxies write it into `X-Forwarded-For`: an address, with a port where that can be told apart, or `unknown`.
  init(loose text: String) throws(HeadFault) {
    if let address = IPAddress(strict: text) {
      self.init(address)
      return
    }
    do throws(HeadFault) {
      self = try ForwardedNode(strict: text)
    } catch {
      throw .forwardedClient
    }
    if text.begins(with: "_") { throw .forwardedClient }
  }

  private static func bracketed(_ text: String) throws(HeadFault) -> ForwardedNode {
    let parts = text.dropping(bytes: 1).pieces(between: "]", most: 2)
    guard parts.count == 2, let address = IPAddress(strict: String(parts[0])), !address.isIPv4,
      parts[1].isEmpty || (parts[1].begins(with: ":") && isPort(parts[1].dropping(bytes: 1)))
    else { throw .forwarded }
    return ForwardedNode(address)
  }

  /// A number, or a name that begins with `_`.
  private static func isPort(_ text: Substring) -> Bool {
    if (1...5).contains(text.utf8.count) && text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) { return UInt16(text) != nil }
    return isObfuscated(text)
  }

  private static func isObfuscated(_ text: Substring) -> Bool {
    text.begins(with: "_") && text.utf8.count > 1
      && text.utf8.dropFirst().allSatisfy { byte in
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || [0x2e, 0x5f, 0x2d].contains(byte)
      }
  }
}
