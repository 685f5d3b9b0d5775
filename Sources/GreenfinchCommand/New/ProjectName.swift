/// What a new project is called: of its program, and of the module that the program is made of.
struct ProjectName {
  /// As it was written: `my-shop`.
  let program: String
  /// As Swift has it: `MyShop`.
  let module: String

  /// - Throws: ``NewProjectError`` where no program can be called that.
  init(_ name: String) throws(NewProjectError) {
    let letters = name.utf8
    guard let first = letters.first, Self.isLetter(first), letters.count <= 60, letters.allSatisfy(Self.mayFollow)
    else {
      throw NewProjectError(
        "'\(name)' cannot be a project's name, which has letters, digits, '-' and '_', begins with a letter and has 60 characters "
          + "at most")
    }
    program = name
    module = name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    guard !Self.taken.contains(name.lowercased()), !Self.taken.contains(module.lowercased()) else {
      throw NewProjectError("'\(name)' cannot be a project's name: a module that it needs is called that")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  private static func mayFollow(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte &- 0x30 < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private static let taken: Set<String> = [
    "swift", "foundation", "foundationessentials", "glibc", "testing", "xctest", "logging", "httptypes",
    "systempackage",
    "synchronization", "greenfinch", "green", "greenhttp", "greenweb", "greenwebtesting", "greenserver", "greentasks",
    "greenredirect", "greentesting", "tests", "sources", "main",
  ]
}
