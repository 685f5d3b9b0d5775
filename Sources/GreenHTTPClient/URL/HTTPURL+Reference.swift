extension HTTPURL {
  /// What a reference means that is found here: RFC 3986, 5.2. What cannot stand in a URL and cannot end a line is
  /// percent-encoded first: servers send such references.
  ///
  /// - Throws: ``Fault``.
  func resolving(_ reference: String) throws(Fault) -> HTTPURL {
    let reference = Self.escapingWhatMustBe(reference)
    if let scheme = Self.scheme(of: reference) {
      return try HTTPURL(parsing: scheme + reference.dropFirst(scheme.count)).withoutDots
    }
    if reference.hasPrefix("//") {
      return try HTTPURL(parsing: (isSecure ? "https:" : "http:") + reference).withoutDots
    }
    let base = text.utf8.count - target.utf8.count
    let origin = String(decoding: text.utf8.prefix(base), as: UTF8.self)
    return try HTTPURL(parsing: origin + merged(reference)).withoutDots
  }

  /// RFC 3986, 5.2.2 and 5.2.3: what takes the place of path and query.
  private func merged(_ reference: String) -> String {
    let path = target.prefix { $0 != "?" }
    switch reference.first {
    case "/": return reference
    case nil, "#": return target + reference
    case "?": return path + reference
    default: return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + reference
    }
  }

  private var withoutDots: HTTPURL {
    var copy = self
    let path = target.prefix { $0 != "?" }
    copy.target = Self.removingDots(path) + target[path.endIndex...]
    return copy
  }

  /// RFC 3986, 5.2.4.
  static func removingDots(_ path: some StringProtocol) -> String {
    var kept: [Substring] = []
    let segments = String(path).dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      switch segment {
      case ".": if isLast { kept.append("") }
      case "..":
        _ = kept.popLast()
        if isLast { kept.append("") }
      default: kept.append(segment)
      }
    }
    return "/" + kept.joined(separator: "/")
  }

  /// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) ":"` (RFC 3986, 3.1), without the colon.
  private static func scheme(of reference: String) -> String? {
    let name = reference.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
    guard name.endIndex < reference.endIndex, reference[name.endIndex] == ":", let first = name.utf8.first,
      (first | 0x20) &- 0x61 < 26
    else { return nil }
    return String(name)
  }

  private static func escapingWhatMustBe(_ reference: String) -> String {
    var result = ""
    for byte in reference.utf8 {
      // What cannot be meant is left for the parser to refuse.
      let stays = byte < 0x20 || byte == 0x7f || mayStand(byte) || "%#".utf8.contains(byte)
      result += stays ? String(Unicode.Scalar(byte)) : URLEncoding.escape(byte)
    }
    return result
  }
}
