/// An expression of C over one number, as far as rules of plurals need them.
indirect enum PluralExpression: Sendable {
  case number
  case constant(UInt64)
  case not(PluralExpression)
  case binary(String, PluralExpression, PluralExpression)
  case choice(PluralExpression, PluralExpression, PluralExpression)

  /// Reads one; `nil` where it is not one.
  init?(_ text: String) {
    guard text.utf8.count <= 500 else { return nil }
    var parser = Parser(rest: Array(text.utf8).filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }[...])
    guard let expression = parser.choice(depth: 0), parser.rest.isEmpty else { return nil }
    self = expression
  }

  /// Its value, as C has it for unsigned numbers; a division by nothing is nothing.
  func value(_ number: UInt64) -> UInt64 {
    switch self {
    case .number: return number
    case .constant(let value): return value
    case .not(let inner): return inner.value(number) == 0 ? 1 : 0
    case .choice(let condition, let one, let other):
      return condition.value(number) != 0 ? one.value(number) : other.value(number)
    case .binary(let sign, let left, let right):
      let (left, right) = (left.value(number), right.value(number))
      switch sign {
      case "||": return left != 0 || right != 0 ? 1 : 0
      case "&&": return left != 0 && right != 0 ? 1 : 0
      case "==": return left == right ? 1 : 0
      case "!=": return left != right ? 1 : 0
      case "<=": return left <= right ? 1 : 0
      case ">=": return left >= right ? 1 : 0
      case "<": return left < right ? 1 : 0
      case ">": return left > right ? 1 : 0
      case "+": return left &+ right
      case "-": return left &- right
      case "*": return left &* right
      case "/": return right == 0 ? 0 : left / right
      default: return right == 0 ? 0 : left % right
      }
    }
  }

  private struct Parser {
    var rest: ArraySlice<UInt8>

    /// Signs by how tightly they bind, the loosest first.
    private static let levels = [["||"], ["&&"], ["==", "!="], ["<=", ">=", "<", ">"], ["+", "-"], ["*", "/", "%"]]
    private static let deepest = 60

    mutating func choice(depth: Int) -> PluralExpression? {
      guard depth < Self.deepest, let condition = binary(0, depth: depth + 1) else { return nil }
      guard take("?") else { return condition }
      guard let one = choice(depth: depth + 1), take(":"), let other = choice(depth: depth + 1) else { return nil }
      return .choice(condition, one, other)
    }

    private mutating func binary(_ level: Int, depth: Int) -> PluralExpression? {
      guard level < Self.levels.count else { return single(depth: depth) }
      guard var left = binary(level + 1, depth: depth) else { return nil }
      while let sign = Self.levels[level].first(where: { take($0) }) {
        guard let right = binary(level + 1, depth: depth) else { return nil }
        left = .binary(sign, left, right)
      }
      return left
    }

    private mutating func single(depth: Int) -> PluralExpression? {
      guard depth < Self.deepest else { return nil }
      if take("!") { return single(depth: depth + 1).map { .not($0) } }
      if take("(") {
        guard let inner = choice(depth: depth + 1), take(")") else { return nil }
        return inner
      }
      if take("n") { return .number }
      let digits = rest.prefix { $0 &- 0x30 < 10 }
      guard !digits.isEmpty, let value = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
      rest = rest.dropFirst(digits.count)
      return .constant(value)
    }

    private mutating func take(_ text: String) -> Bool {
      guard rest.starts(with: text.utf8) else { return false }
      rest = rest.dropFirst(text.utf8.count)
      return true
    }
  }
}
