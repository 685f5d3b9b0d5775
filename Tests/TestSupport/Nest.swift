/// A value that lies in others of its type: `[[[]]]`.
public struct Nest: Codable, Sendable {
  public var inner: [Nest] = []

  public init(depth: Int) { inner = depth > 1 ? [Nest(depth: depth - 1)] : [] }

  public init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    while !list.isAtEnd { inner.append(try list.decode(Nest.self)) }
  }

  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for nest in inner { try list.encode(nest) }
  }

  public var depth: Int { 1 + (inner.first?.depth ?? 0) }
}
