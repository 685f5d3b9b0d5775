/// One value of those that are being written, each in the one before: what it is by now, and where it is in the text.
struct JSONLevel {
  enum Kind { case empty, scalar, array, object }

  /// Another for every value: containers that outlive theirs are known by it.
  let number: Int
  var kind = Kind.empty
  /// How many arrays and objects it is in, with itself where it is one.
  var depth: Int
  /// The elements or fields so far.
  var count = 0
  /// Where its first byte is.
  let start: Int
  /// Where its own begin among the fields and the parts of all.
  let firstField: Int
  let firstPart: Int
  /// Whether the names of its fields came in their order.
  var isOrdered = true
  /// Whether all names of its fields are ASCII, and none is escaped.
  var isPlain = true
}
