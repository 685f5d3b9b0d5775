internal import GreenHTTP

/// Where a mail server is: `smtp://user:password@host:587`, or `smtps://` where the connection is encrypted from its beginning.
struct MailServerAddress: Sendable, Equatable {
  var host: String
  var port: UInt16
  var user: String?
  var password: String?
  /// Whether TLS comes before all else (RFC 8314, 3.3), and not by `STARTTLS`.
  var isEncrypted: Bool

  init(_ text: String) throws {
    let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
    let wrong = MailError.server(shown)
    isEncrypted = text.hasPrefix("smtps://")
    guard isEncrypted || text.hasPrefix("smtp://") else { throw wrong }
    var rest = text.dropFirst(isEncrypted ? 8 : 7)
    if rest.hasSuffix("/") { rest.removeLast() }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { part in
        Array(part.utf8).withUnsafeBytes { PercentEncoding.decoded($0) }
      }
      guard parts.count == 2, let name = parts[0], let secret = parts[1], !name.isEmpty, !name.utf8.contains(0),
        !secret.utf8.contains(0)
      else { throw wrong }
      (user, password) = (name, secret)
      rest = rest[at...].dropFirst()
    }
    var portText: Substring?
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { throw wrong }
      host = String(rest[rest.index(after: rest.startIndex)..<end])
      let tail = rest[end...].dropFirst()
      guard tail.isEmpty || tail.first == ":" else { throw wrong }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { throw wrong }
      host = String(parts.first ?? "")
      portText = parts.count == 2 ? parts[1] : nil
    }
    // RFC 8314, 7.3; RFC 6409, 3.1.
    port = isEncrypted ? 465 : 587
    if let portText {
      guard let number = UInt16(portText), number > 0 else { throw wrong }
      port = number
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
      throw wrong
    }
  }

  /// Whether what is sent stays on this machine.
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
