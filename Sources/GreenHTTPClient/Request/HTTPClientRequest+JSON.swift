internal import FoundationEssentials
internal import Green

extension HTTPClientRequest.Body {
  /// A value as JSON, with its keys in order and slashes as they are. Encoded on a stack of 8 MB.
  ///
  /// - Throws: what its `encode(to:)` throws.
  public static func json(_ value: some Encodable) throws -> HTTPClientRequest.Body {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return .bytes([UInt8](try Fiber.onBigStack { try encoder.encode(value) }), contentType: "application/json")
  }
}
