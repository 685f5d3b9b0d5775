import Green

extension Signal {
  /// As gunicorn's log spells it: `term`.
  var shortName: String {
    let name = description.lowercased()
    return name.hasPrefix("sig") && name != "signal \(rawValue)" ? String(name.dropFirst(3)) : name
  }
}
