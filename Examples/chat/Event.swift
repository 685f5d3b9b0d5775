import FoundationEssentials

/// What browsers are told, as JSON.
struct Event: Codable {
  enum Kind: String, Codable { case said, present }

  var kind: Kind
  var name: String?
  var text: String?
  /// Which worker the one who speaks is connected to.
  var worker: Int?
  var names: [String]?

  init(kind: Kind, name: String? = nil, text: String? = nil, worker: Int? = nil, names: [String]? = nil) {
    (self.kind, self.name, self.text, self.worker, self.names) = (kind, name, text, worker, names)
  }

  func json() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}
