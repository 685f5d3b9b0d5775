/// A JSON text with each value on a line of its own.
enum JSONIndent {
  /// - Parameter text: JSON without white space.
  static func indented(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(2 * text.count)
    var depth = 0
    var index = 0
    func breakLine() {
      result.append(UInt8(ascii: "\n"))
      result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
    while index < text.count {
      let byte = text[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        let end = endOfString(text, from: index)
        result.append(byte)
        result.append(contentsOf: text[index..<end])
        index = end
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        result.append(byte)
        if index < text.count, text[index] == byte + 2 {
          result.append(text[index])
          index += 1
        } else {
          depth += 1
          breakLine()
        }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth = max(0, depth - 1)
        breakLine()
        result.append(byte)
      case UInt8(ascii: ","):
        result.append(byte)
        breakLine()
      case UInt8(ascii: ":"):
        result.append(byte)
        result.append(UInt8(ascii: " "))
      default: result.append(byte)
      }
    }
    return result
  }

  /// Behind the quote that ends a string.
  private static func endOfString(_ text: [UInt8], from start: Int) -> Int {
    var index = start
    while index < text.count {
      if text[index] == UInt8(ascii: "\"") { return index + 1 }
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return text.count
  }
}
