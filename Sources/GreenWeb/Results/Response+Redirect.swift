public import GreenHTTP
public import HTTPTypes

extension Response {
  /// Leads the client elsewhere: by default to be asked for with `GET`, `303 (See Other)`, as after a form has been sent.
  ///
  /// ```swift
  /// return .redirect(to: "/notes/\(note.id)")
  /// ```
  ///
  /// - Parameters:
  ///   - location: a path of this site, or an address of a host that `hosts` lists. Any other becomes `/`: where it comes from a
  ///     client it would lead people, by this site's name, to a site of that client's choice.
  ///   - hosts: the hosts that it may lead to, in lower case, with their ports where they have one: `example.org`.
  ///   - status: `.seeOther`, `.found`, `.movedPermanently`, `.temporaryRedirect` or `.permanentRedirect`.
  public static func redirect(
    to location: String, hosts: [String] = [], status: HTTPResponse.Status = .seeOther
  ) -> Response {
    let target = RedirectTarget.isAllowed(location, hosts) ? RedirectTarget.encoded(location) : "/"
    return Response(status: status, headers: [.location: target])
  }

  /// Leads the client to an address that the program vouches for, on whatever host.
  public static func redirect(
    toTrusted location: String, status: HTTPResponse.Status = .seeOther
  ) -> Response { Response(status: status, headers: [.location: RedirectTarget.encoded(location)]) }
}

/// Where a client may be led.
private enum RedirectTarget {
  static func isAllowed(_ location: String, _ hosts: [String]) -> Bool {
    let bytes = Array(location.utf8)
    // What browsers leave out, or take for a slash (the URL standard, 4.4), could hide a host.
    guard !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\\") }) else { return false }
    if bytes.first == UInt8(ascii: "/") { return !bytes.dropFirst().starts(with: "/".utf8) }
    if bytes.first == UInt8(ascii: "?") || bytes.first == UInt8(ascii: "#") { return true }
    // By bytes: as a `Character`, a colon before a combining mark is no colon, and to a browser it is one.
    let first = bytes.prefix(while: isBeforePath)
    guard first.contains(UInt8(ascii: ":")) else { return !bytes.isEmpty }  // relative to the present path
    let lowercase = location.lowercased().utf8
    guard let scheme = ["https://", "http://"].first(where: { lowercase.starts(with: $0.utf8) }) else { return false }
    let host = lowercase.dropFirst(scheme.utf8.count).prefix(while: isBeforePath)
    return hosts.contains { $0.utf8.elementsEqual(host) }
  }

  /// As it is sent: what is beyond ASCII is percent-encoded (RFC 3986, 2.1).
  static func encoded(_ location: String) -> String {
    PercentEncoding.encoded(location) { $0 < 0x80 }
  }

  private static func isBeforePath(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
  }
}
