internal import GreenHTTP

/// One element of `Sec-WebSocket-Extensions` (RFC 6455, 9.1): a name and its parameters, both in lower case.
struct ExtensionOffer: Equatable {
  var name: String
  /// In order; a value of `nil` stands for none. A name may stand twice here, which no extension allows.
  var parameters: [(name: String, value: String?)] = []

  static func == (left: ExtensionOffer, right: ExtensionOffer) -> Bool {
    left.name == right.name
      && left.parameters.elementsEqual(right.parameters) { $0.name == $1.name && $0.value == $1.value }
  }

  /// The elements of a field's value. What is malformed is left out: then it is not agreed on.
  static func list(_ text: String) -> [ExtensionOffer] {
    separated(text, by: ",").compactMap { element in
      var parts = separated(element, by: ";").makeIterator()
      guard let name = parts.next(), isToken(name) else { return nil }
      var offer = ExtensionOffer(name: name.lowercased())
      while let part = parts.next() {
        let sides = part.pieces(between: "=", most: 2).map(\.trimmed)
        guard isToken(sides[0]) else { return nil }
        var value = sides.count > 1 ? sides[1] : nil
        if let quoted = value, quoted.utf8.count >= 2, quoted.begins(with: "\""), quoted.ends(with: "\"") {
          value = String(Substring(quoted.utf8.dropFirst().dropLast()))
        }
        if let value, !isToken(value) { return nil }
        offer.parameters.append((sides[0].lowercased(), value))
      }
      return offer
    }
  }

  private static func separated(_ text: String, by separator: Unicode.Scalar) -> [String] {
    text.pieces(between: separator).map(\.trimmed).filter { !$0.isEmpty }
  }

  /// RFC 9110, 5.6.2.
  static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
