package import Green

/// What the PROXY protocol says of a connection.
package struct ProxyHeader: Sendable {
  /// From where to where the client has connected; `nil` for a connection of the proxy's own, such as a look whether the
  /// server lives, and for one whose addresses it does not know.
  package var addresses: (source: SocketAddress, destination: SocketAddress)?

  /// The longest header that is taken, in bytes, as nginx's. One of version 2 may have more by its length, for which nobody
  /// has a use.
  static var most: Int { 4096 }
}

/// What came of looking for a header.
package enum ProxyHeaderOutcome: Sendable {
  /// More bytes are needed; all that are there belong to the header.
  case incomplete
  /// These bytes do not begin with a header.
  case bad(ProxyHeaderFault)
  /// The header is whole, and that many bytes long.
  case complete(Int, ProxyHeader)
}

/// Why a connection that must begin with a PROXY header is closed.
package enum ProxyHeaderFault: Error, Hashable, Sendable {
  case missing, version, form, address, port, command, transport, length, truncated

  /// One sentence for the log.
  package var reason: String {
    switch self {
    case .missing: "the connection does not begin with a PROXY header"
    case .version: "the PROXY header is of a version that is not spoken here"
    case .form: "the PROXY header is not PROXY TCP4 or TCP6, two addresses and two ports, separated by single spaces"
    case .address: "the PROXY header has something that is not an address"
    case .port: "the PROXY header has something that is not a port"
    case .command: "the PROXY header's command is neither LOCAL nor PROXY"
    case .transport: "the PROXY header is not for a stream"
    case .length: "the PROXY header is longer than it may be, or shorter than its addresses"
    case .truncated: "the connection ended within the PROXY header"
    }
  }
}

extension ProxyHeader {
  /// Looks for a header at the front of `bytes`: a function of the bytes alone, with the same outcome however they come.
  package static func parse(_ bytes: UnsafeRawBufferPointer, speaking spoken: ProxyProtocol) -> ProxyHeaderOutcome {
    guard let first = bytes.first else { return .incomplete }
    let isText = first == signature1[0]
    let signature = isText ? signature1 : signature2
    guard begins(bytes, with: signature) else { return .bad(.missing) }
    // Before that it may still turn out to be none at all.
    guard bytes.count >= signature.count else { return .incomplete }
    guard spoken == .auto || spoken == (isText ? .v1 : .v2) else { return .bad(.version) }
    return isText ? parseText(bytes) : parseBinary(bytes)
  }

  /// `PROXY `, and what version 2 begins with: no other protocol has these bytes.
  static let signature1 = Array("PROXY ".utf8)
  static let signature2: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]

  /// Whether as many of the bytes as there are are those of the signature.
  private static func begins(_ bytes: UnsafeRawBufferPointer, with signature: [UInt8]) -> Bool {
    zip(bytes, signature).allSatisfy { $0 == $1 }
  }
}
