/// The name that was probably meant: one that differs in a third of its letters at most.
func nearest(to text: String, among names: [String]) -> String? {
  let limit = max(1, text.count / 3)
  return names.map { ($0, editDistance(text, $0)) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// How many letters must be put in, taken out or changed to make one text of the other. Levenshtein, 1966.
private func editDistance(_ one: String, _ other: String) -> Int {
  let other = Array(other)
  var row = Array(0...other.count)
  for (line, letter) in one.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for column in other.indices {
      let cost = diagonal + (letter == other[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
    }
  }
  return row[other.count]
}
