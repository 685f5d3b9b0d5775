/// An object of JSON (RFC 8259) that is written member by member, on one line.
struct JSONObject {
  private var members = ""

  /// The object so far.
  var text: String { "{\(members)}" }

  /// Adds a text; `nil` adds nothing.
  mutating func add(_ name: String, _ value: String?) {
    if let value { add(raw: JSONText.quoted(value), as: name) }
  }

  mutating func add(_ name: String, _ value: some BinaryInteger) { add(raw: "\(value)", as: name) }

  mutating func add(_ name: String, _ value: Bool) { add(raw: value ? "true" : "false", as: name) }

  /// Adds what is JSON already: a number, an object, a list.
  mutating func add(raw value: String, as name: String) {
    if !members.isEmpty { members += "," }
    members += JSONText.quoted(name)
    members += ":"
    members += value
  }
}
