/// A number as its decimal digits, to be rounded and written out.
struct DecimalDigits {
  private(set) var isNegative: Bool
  /// From the first that is not 0 on; none for 0.
  private var digits: [UInt8]
  /// How many of them stand before the point; 0 or less where the number is below 1.
  private var point: Int

  /// - Parameter description: as Swift describes numbers: `-12.5`, `1e-07`; `nil` for what is not one.
  init?(_ description: String) {
    var rest = Array(description.utf8)[...]
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    let mantissa = rest.prefix { $0 | 0x20 != UInt8(ascii: "e") }
    var exponent = 0
    if mantissa.count < rest.count {
      guard let number = Int(String(decoding: rest.dropFirst(mantissa.count + 1), as: UTF8.self)),
        (-10_000...10_000).contains(number)
      else { return nil }
      exponent = number
    }
    let parts = mantissa.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let all = parts.joined()
    guard !all.isEmpty, all.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    digits = all.map { $0 &- 0x30 }
    point = parts[0].count + exponent
    normalize()
  }

  private mutating func normalize() {
    let zeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(zeros)
    point -= zeros
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty {
      point = 0
      isNegative = false
    }
  }

  /// Moves the point to the right.
  mutating func shift(_ places: Int) { if !digits.isEmpty { point += places } }

  /// Rounds to so many digits after the point; what is as near to one as to the other becomes even.
  mutating func round(to places: Int) {
    let kept = point + places
    guard kept < digits.count else { return }
    if kept < 0 {
      digits = []
      return normalize()
    }
    let rest = digits[kept...]
    digits = Array(digits[..<kept])
    let isHalf = rest.first == 5 && rest.count == 1
    let isUp = rest[kept] > 5 || (rest[kept] == 5 && !isHalf) || (isHalf && (digits.last ?? 0) % 2 == 1)
    if isUp { addOneAtTheEnd() }
    normalize()
  }

  private mutating func addOneAtTheEnd() {
    var place = digits.count
    while place > 0 {
      place -= 1
      if digits[place] < 9 {
        digits[place] += 1
        return
      }
      digits[place] = 0
    }
    digits.insert(1, at: 0)
    point += 1
  }

  /// The digits before the point: at least one.
  var whole: String {
    if point <= 0 { return "0" }
    return Self.text(digits.prefix(point)) + String(repeating: "0", count: max(0, point - digits.count))
  }

  /// Those after it, with zeros up to so many.
  func fraction(atLeast count: Int) -> String {
    let text =
      point >= digits.count
      ? "" : String(repeating: "0", count: max(0, -point)) + Self.text(digits.dropFirst(max(0, point)))
    return text + String(repeating: "0", count: max(0, count - text.utf8.count))
  }

  private static func text(_ digits: ArraySlice<UInt8>) -> String {
    String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
  }
}
