/// Why no project was written, as a sentence.
struct NewProjectError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
