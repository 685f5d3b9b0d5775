/// Reads the format of the corpus's files, line by line.
struct CorpusReader {
  struct Malformed: Error, CustomStringConvertible { let description: String }

  private let file: String
  /// Beginnings that several cases have in common.
  private var beginnings: [String: [UInt8]] = [:]
  private var cases: [RequestCase] = []
  private var beginning: String?
  private var name: String?
  private var bytes: [UInt8] = []
  private var endsThere = false
  private var outcome: [String] = []

  init(file: String) { self.file = file }

  mutating func read(_ text: String) throws -> [RequestCase] {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      do {
        try take(String(line))
      } catch {
        throw Malformed(description: "\(file).txt, line \(number + 1): \(error)")
      }
    }
    try finish()
    return cases
  }

  private mutating func take(_ line: String) throws {
    let rest = String(line.dropFirst(2))
    switch line.first {
    case nil, "#": return
    case "*": (beginning, name) = try (finished(rest), nil)
    case "@": (beginning, name) = try (nil, finished(rest))
    case "+":
      guard let known = beginnings[rest] else { throw Malformed(description: "there is no beginning '\(rest)'") }
      bytes += known
    case ">": bytes += try unescapedLine(rest)
    case "!": endsThere = true
    case "=": outcome.append(rest)
    default: throw Malformed(description: "a line begins with one of # * @ + > ! =")
    }
  }

  /// Ends the case before, and returns the name of the next.
  private mutating func finished(_ next: String) throws -> String {
    try finish()
    return next
  }

  private mutating func finish() throws {
    defer { (beginning, name, bytes, endsThere, outcome) = (nil, nil, [], false, []) }
    if let beginning { beginnings[beginning] = bytes }
    guard let name else { return }
    guard outcome.last == RequestCase.next || outcome.last == RequestCase.end else {
      throw Malformed(description: "the case '\(name)' does not say whether the connection goes on")
    }
    let sent = endsThere ? bytes : bytes + Array(RequestCase.nextRequest.utf8)
    cases.append(RequestCase(file: file, name: name, bytes: sent, endsThere: endsThere, outcome: outcome))
  }
}

/// The bytes of a line: CR LF after it, unless it ends in a backslash.
private func unescapedLine(_ line: String) throws -> [UInt8] {
  var rest = Array(line.utf8)[...]
  var bytes: [UInt8] = []
  while let byte = rest.popFirst() {
    if byte != UInt8(ascii: "\\") {
      bytes.append(byte)
    } else if rest.isEmpty {
      return bytes
    } else {
      bytes += try escape(&rest)
    }
  }
  return bytes + [0x0d, 0x0a]
}

/// What follows a backslash.
private func escape(_ rest: inout ArraySlice<UInt8>) throws -> [UInt8] {
  switch rest.removeFirst() {
  case UInt8(ascii: "r"): return [0x0d]
  case UInt8(ascii: "n"): return [0x0a]
  case UInt8(ascii: "t"): return [0x09]
  case UInt8(ascii: "0"): return [0]
  case UInt8(ascii: "\\"): return [0x5c]
  case UInt8(ascii: "x"):
    guard let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { break }
    rest = rest.dropFirst(2)
    return [byte]
  case UInt8(ascii: "{"):
    // {COUNT TEXT}: the text so many times.
    guard let end = rest.firstIndex(of: UInt8(ascii: "}")), let blank = rest.firstIndex(of: 0x20), blank < end,
      let count = Int(String(decoding: rest[..<blank], as: UTF8.self))
    else { break }
    let line = String(decoding: rest[(blank + 1)..<end], as: UTF8.self) + "\\"
    rest = rest[(end + 1)...]
    return try Array([[UInt8]](repeating: unescapedLine(line), count: count).joined())
  default: break
  }
  throw CorpusReader.Malformed(description: "an escape is one of \\r \\n \\t \\0 \\\\ \\xHH \\{COUNT TEXT}")
}
