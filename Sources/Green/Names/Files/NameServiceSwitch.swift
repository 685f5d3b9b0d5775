/// The `hosts:` line of `/etc/nsswitch.conf`: which sources are asked for a host, in which order, and what each outcome
/// leads to, `nsswitch.conf(5)`.
struct NameServiceSwitch {
  /// What a source came to.
  enum Status: Int, CaseIterable {
    case success, notFound, unavailable, tryAgain
  }

  struct Source {
    enum Kind: Equatable {
      case files, dns, myhostname
      /// Multicast DNS in its "minimal" forms: knows names in `.local` only.
      case multicast
      /// A module that only the C library can ask.
      case other(String)
    }

    let kind: Kind
    /// The outcomes after which no further source is asked.
    var returning: Set<Status> = [.success]
  }

  var sources: [Source]

  /// What the C library does without the file, or without a line in it that it can read.
  static let standard = NameServiceSwitch(sources: [Source(kind: .files), Source(kind: .dns)])

  init(sources: [Source]) { self.sources = sources }

  init(_ bytes: [UInt8]) {
    self = .standard
    for line in Fields.lines(bytes) {
      let text = String(decoding: line.drop(while: Fields.isSpace), as: UTF8.self)
      guard text.hasPrefix("hosts"), let colon = text.firstIndex(of: ":"),
        text[..<colon].dropFirst(5).allSatisfy({ $0 == " " || $0 == "\t" })
      else { continue }
      // The last such line counts.
      if let sources = Self.parse(text[text.index(after: colon)...]) { self = NameServiceSwitch(sources: sources) }
    }
  }

  /// `nil` when the line is not well formed.
  private static func parse(_ line: Substring) -> [Source]? {
    var rest = line
    var sources: [Source] = []
    while true {
      rest = rest.drop(while: \.isWhitespace)
      guard let first = rest.first else { return sources }
      if first == "[" {
        guard var source = sources.popLast(), let end = rest.firstIndex(of: "]"),
          apply(rest[rest.index(after: rest.startIndex)..<end], to: &source)
        else { return nil }
        sources.append(source)
        rest = rest[rest.index(after: end)...]
      } else {
        let word = rest.prefix { !$0.isWhitespace && $0 != "[" }
        sources.append(Source(kind: kind(String(word))))
        rest = rest[word.endIndex...]
      }
    }
  }

  private static func kind(_ word: String) -> Source.Kind {
    switch word {
    case "files": .files
    case "dns": .dns
    case "myhostname": .myhostname
    case "mdns_minimal", "mdns4_minimal", "mdns6_minimal": .multicast
    default: .other(word)
    }
  }

  /// `STATUS=ACTION` and `!STATUS=ACTION`, one or more.
  private static func apply(_ criteria: Substring, to source: inout Source) -> Bool {
    let words = criteria.split { $0.isWhitespace || $0 == "=" }
    guard !words.isEmpty, words.count.isMultiple(of: 2) else { return false }
    for index in stride(from: 0, to: words.count, by: 2) {
      let isNegated = words[index].hasPrefix("!")
      guard let status = status(words[index].drop { $0 == "!" }), let isReturn = isReturn(words[index + 1]) else {
        return false
      }
      for affected in Status.allCases where (affected == status) != isNegated {
        if isReturn { source.returning.insert(affected) } else { source.returning.remove(affected) }
      }
    }
    return true
  }

  private static func status(_ word: Substring) -> Status? {
    switch word.lowercased() {
    case "success": .success
    case "notfound": .notFound
    case "unavail": .unavailable
    case "tryagain": .tryAgain
    default: nil
    }
  }

  /// "merge" has no meaning for hosts: the C library goes on, and starts afresh.
  private static func isReturn(_ word: Substring) -> Bool? {
    switch word.lowercased() {
    case "return": true
    case "continue", "merge": false
    default: nil
    }
  }
}
