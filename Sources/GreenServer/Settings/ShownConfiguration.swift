extension Configuration {
  /// What `--print-config` answers: every setting with its value, and where that is from.
  var table: String {
    let width = ServerSettings.all.map(\.name.count).max() ?? 0
    return ServerSettings.all.map { setting in
      let name = setting.name + String(repeating: " ", count: width - setting.name.count)
      return "\(name) = \(setting.text(in: self))  (\(source(of: setting).description))\n"
    }.joined()
  }
}

extension Configuration {
  /// What `--print-config=json` answers: the same as JSON.
  var json: String {
    let rows = ServerSettings.all.map { setting in
      let source = JSONText.quoted(source(of: setting).description)
      return "  \(JSONText.quoted(setting.name)): {\"value\": \(setting.json(in: self)), \"from\": \(source)}"
    }
    return "{\n" + rows.joined(separator: ",\n") + "\n}\n"
  }
}
