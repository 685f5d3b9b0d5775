/// Names with values, in the order in which they came: of a query, a form, cookies. There may be several of one name.
///
/// ```swift
/// request.query.page            // the first value of this name; nil where there is none
/// request.query["per page"]
/// request.query.all("tag")
/// ```
@dynamicMemberLookup
public struct NamedValues: Sendable, Hashable {
  /// A name and its value, both decoded.
  public struct Element: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The value; empty where only the name was sent.
    public let value: String
  }

  /// All of them, in order. It is not a collection itself, so that `query.first` and `query.count` are fields as any others.
  public private(set) var elements: [Element] = []

  /// No values.
  public init() {}

  /// The first value of a name; `nil` where there is none.
  public subscript(_ name: String) -> String? { elements.first { $0.name == name }?.value }

  /// The first value of a name that is written as a member.
  public subscript(dynamicMember name: String) -> String? { self[name] }

  /// All values of a name, in order.
  public func all(_ name: String) -> [String] { elements.filter { $0.name == name }.map(\.value) }

  package mutating func append(_ name: String, _ value: String) {
    elements.append(Element(name: name, value: value))
  }
}

extension NamedValues: ExpressibleByDictionaryLiteral {
  /// Names with values.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }
}
