/// Names of properties as other languages write them.
package enum SnakeCase {
  /// `createdAt` as `created_at`, `myURLProperty` as `my_url_property`; underscores at the beginning and the end stay.
  package static func name(_ name: String) -> String {
    let letters = Array(name)
    var result = ""
    for (index, letter) in letters.enumerated() {
      guard letter.isUppercase else {
        result.append(letter)
        continue
      }
      if index > 0, letters[index - 1] != "_" {
        let isAfterCapital = letters[index - 1].isUppercase
        let isBeforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
        if !isAfterCapital || isBeforeSmall { result.append("_") }
      }
      result += letter.lowercased()
    }
    return result
  }

  /// The same of each part of a way to a field: `author.createdAt`.
  static func path(_ path: String) -> String {
    path.split(separator: ".", omittingEmptySubsequences: false).map { name(String($0)) }.joined(separator: ".")
  }
}
