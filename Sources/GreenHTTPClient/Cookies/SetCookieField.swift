internal import GreenHTTP

/// What a `Set-Cookie` field says: RFC 6265, 5.2, which takes what servers send rather than what they should.
struct SetCookieField {
  var name: String
  var value: String
  /// When it ends; `nil` for when the program does.
  var expires: Int64?
  /// Without the dot that it may begin with; `nil` where none is said.
  var domain: String?
  /// `nil` where none is said that begins with a slash.
  var path: String?
  var isSecure = false
  var isHTTPOnly = false

  /// The most bytes of a name and a value together, and of an attribute's value (RFC 6265bis, 5.6).
  private static var mostBytes: Int { 4096 }
  private static var mostOfAttribute: Int { 1024 }
  /// The longest that one is kept, in seconds: 400 days (RFC 6265bis, 5.5).
  private static var longest: Int64 { 400 * 86_400 }

  /// - Returns: `nil` for what is no cookie.
  init?(_ field: String, now: Int64) {
    // A control character could end a line of the request that it is sent back with.
    guard !field.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7f }) else { return nil }
    let parts = field.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    guard let pair = parts.first, let mark = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    name = Self.trimmed(pair[..<mark])
    value = Self.trimmed(pair[pair.index(after: mark)...])
    guard !name.isEmpty, name.utf8.count + value.utf8.count <= Self.mostBytes else { return nil }
    var maxAge: Int64?
    for part in parts.dropFirst() {
      let mark = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      let text = mark == part.endIndex ? "" : Self.trimmed(part[part.index(after: mark)...])
      if text.utf8.count > Self.mostOfAttribute { continue }
      switch Self.trimmed(part[..<mark]).lowercased() {
      case "expires": expires = CookieDate.seconds(text, now: now) ?? expires
      case "max-age": maxAge = Self.seconds(text) ?? maxAge
      case "domain":
        let name = text.begins(with: ".") ? text.dropping(bytes: 1) : text[...]
        if !name.isEmpty { domain = name.lowercased() }
      case "path": path = text.begins(with: "/") ? text : nil
      case "secure": isSecure = true
      case "httponly": isHTTPOnly = true
      default: break
      }
    }
    // 5.3, 3: it goes before the date.
    if let maxAge { expires = maxAge <= 0 ? .min : now + min(maxAge, Self.longest) }
    if let date = expires { expires = min(date, now + Self.longest) }
  }

  /// The number of `Max-Age` (5.2.2); one that is too large is as large as can be.
  private static func seconds(_ text: String) -> Int64? {
    let digits = text.begins(with: "-") ? text.dropping(bytes: 1) : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    if text.begins(with: "-") { return 0 }
    return Int64(digits) ?? .max
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    var text = text
    while let byte = text.first, byte == 0x20 || byte == 0x09 { text.removeFirst() }
    while let byte = text.last, byte == 0x20 || byte == 0x09 { text.removeLast() }
    return String(Substring(text))
  }
}

/// The dates of cookies: RFC 6265, 5.1.1, which finds the parts of a date in whatever order and punctuation.
enum CookieDate {
  /// - Returns: the seconds since 1970; `nil` where there is no date.
  static func seconds(_ text: String, now: Int64) -> Int64? {
    var (time, day, month, year) = (nil as (Int, Int, Int)?, nil as Int?, nil as String?, nil as Int?)
    for token in text.utf8.split(whereSeparator: isDelimiter).map({ Array($0) }) {
      if time == nil, let found = clock(token) {
        time = found
      } else if day == nil, let found = leading(token, 1...2) {
        day = found
      } else if month == nil, let found = name(ofMonth: token) {
        month = found
      } else if year == nil, let found = leading(token, 2...4) {
        year = found
      }
    }
    guard let (hour, minute, second) = time, let day, let month, var year else { return nil }
    if (70...99).contains(year) { year += 1900 } else if (0...69).contains(year) { year += 2000 }
    guard (1...31).contains(day), year >= 1601, hour <= 23, minute <= 59, second <= 59 else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    // What is no day of its month is no date.
    return HTTPDate.parse("Mon, \(two(day)) \(month) \(year) \(two(hour)):\(two(minute)):\(two(second)) GMT", now: now)
  }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09, 0x20...0x2f, 0x3b...0x40, 0x5b...0x60, 0x7b...0x7e: true
    default: false
    }
  }

  /// So many digits, and no digit after them.
  private static func leading(_ token: [UInt8], _ count: ClosedRange<Int>) -> Int? {
    let digits = token.prefix { $0 &- 0x30 < 10 }
    guard count.contains(digits.count) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func clock(_ token: [UInt8]) -> (Int, Int, Int)? {
    let parts = token.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Array($0) }
    guard parts.count >= 3, parts[0].allSatisfy({ $0 &- 0x30 < 10 }), parts[1].allSatisfy({ $0 &- 0x30 < 10 }),
      let hour = leading(parts[0], 1...2), let minute = leading(parts[1], 1...2), let second = leading(parts[2], 1...2)
    else { return nil }
    return (hour, minute, second)
  }

  private static func name(ofMonth token: [UInt8]) -> String? {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let start = String(decoding: token.prefix(3), as: UTF8.self).lowercased()
    return names.first { $0.lowercased() == start }
  }
}
