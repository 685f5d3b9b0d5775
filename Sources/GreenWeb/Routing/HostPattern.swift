/// The hosts that routes are for: `api.example.com`, `{tenant}.example.com`, `*.example.com`.
struct HostPattern: Hashable, Sendable {
  enum Label: Hashable, Sendable {
    /// This text, in lower case.
    case literal(String)
    /// Any one label.
    case parameter
    /// One label or several. The first.
    case rest
  }

  /// As it was written, which makes no difference of upper case.
  let text: String
  private(set) var labels: [Label] = []
  /// The names of the labels that are not written out, in their order; `nil` for `*`.
  private(set) var names: [String?] = []

  /// The names of its parameters, in order.
  var parameters: [String] { names.compactMap(\.self) }
  /// Whether it is one host.
  var isLiteral: Bool { names.isEmpty }
  /// The host as it is compared, where it is one.
  var literal: String { text.lowercased() }

  static func == (one: HostPattern, other: HostPattern) -> Bool {
    one.labels == other.labels && one.names == other.names
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(labels)
    hasher.combine(names)
  }

  static func parse(_ text: String) -> Result<HostPattern, RoutePattern.Problem> {
    func problem(_ what: String) -> Result<HostPattern, RoutePattern.Problem> {
      .failure(RoutePattern.Problem(description: "the host '\(text)' is malformed: \(what)"))
    }
    if text.isEmpty { return problem("it has no name") }
    if text.contains("/") { return problem("a host has neither a scheme nor a path") }
    var pattern = HostPattern(text: text)
    if text.hasPrefix("[") {
      guard text.hasSuffix("]"), text.count > 2 else {
        return problem("an address in brackets has nothing behind them")
      }
      pattern.labels = [.literal(text.lowercased())]
      return .success(pattern)
    }
    if text.contains("+") { return problem("it has a '+'") }
    if text.contains(":") { return problem("a port is no part of it: routes are the same at all") }
    // The dots of `{name...}` do not separate labels.
    for (index, part) in HostName.labels(text.replacing("...}", with: "+}")).enumerated() {
      switch part {
      case "": return problem("a part of it is empty")
      case "*":
        guard index == 0 else { return problem("'*' takes all labels before the others, so it must be first") }
        pattern.labels.append(.rest)
        pattern.names.append(nil)
      case _ where part.contains("{") || part.contains("}") || part.contains("*"):
        guard part.hasPrefix("{"), part.hasSuffix("}") else {
          return problem("a parameter must be a whole label, as in '{name}.example.com'")
        }
        let inner = part.dropFirst().dropLast()
        let isRest = inner.hasSuffix("+")
        let name = String(isRest ? inner.dropLast() : inner)
        guard RoutePattern.isName(name) else {
          return problem("'\(name)' is not a valid name: it may have letters, digits and '_'")
        }
        if pattern.names.contains(name) { return problem("it has two parameters '\(name)'") }
        if isRest && index > 0 {
          return problem("'{\(name)...}' takes all labels before the others, so it must be first")
        }
        pattern.labels.append(isRest ? .rest : .parameter)
        pattern.names.append(name)
      default:
        guard part.utf8.allSatisfy(Self.isLabelByte) else {
          return problem(
            "'\(part)' has something else than letters, digits, '-' and '_': write a name of another script as 'xn--…'")
        }
        pattern.labels.append(.literal(part.lowercased()))
      }
    }
    if pattern.labels == [.rest] {
      return problem("it is any host: routes that are for no host in particular are that")
    }
    return .success(pattern)
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x5f
  }

  /// What its parameters are for the labels of a host; `nil` where that is not one of its hosts.
  func values(of host: [Substring]) -> [(name: String, value: String)]? {
    let taken = host.count - labels.count
    guard labels.first == .rest ? taken >= 0 : taken == 0, !host.contains("") else { return nil }
    var values: [(name: String, value: String)] = []
    var place = 0
    var name = names.startIndex
    for label in labels {
      let count = label == .rest ? taken + 1 : 1
      defer { place += count }
      if case .literal(let text) = label {
        if host[place] != text { return nil }
        continue
      }
      if let name = names[name] { values.append((name, host[place..<place + count].joined(separator: "."))) }
      name += 1
    }
    return values
  }

  /// Whether it says more of its hosts than another: no labels left open, more that are written out, more in all.
  func isNarrower(than other: HostPattern) -> Bool {
    func rank(_ pattern: HostPattern) -> (Int, Int, Int) {
      let literals = pattern.labels.count { if case .literal = $0 { true } else { false } }
      return (pattern.labels.first == .rest ? 0 : 1, literals, pattern.labels.count)
    }
    return rank(self) > rank(other)
  }

  /// Each that is for other hosts than those before it.
  static func distinct(in all: [HostPattern]) -> [HostPattern] {
    var known: Set<HostPattern> = []
    return all.filter { known.insert($0).inserted }
  }
}
