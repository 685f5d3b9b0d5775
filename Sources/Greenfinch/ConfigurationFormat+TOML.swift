public import GreenServer

#if TOML
  internal import TOMLKit
#endif

extension ConfigurationFormat {
  #if TOML
    /// A table of settings: `workers = 2`, `bind = ["127.0.0.1:8000", "unix:/run/app.sock"]`.
    public static let toml = ConfigurationFormat(name: "TOML", suffix: "toml") {
      bytes throws(ConfigurationSyntaxError) in
      do {
        let table = try TOMLTable(string: String(decoding: bytes, as: UTF8.self))
        return Dictionary(uniqueKeysWithValues: table.map { ($0.0, ConfigurationValue($0.1)) })
      } catch let error as TOMLParseError {
        throw ConfigurationSyntaxError(
          "line \(error.source.begin.line) is not valid TOML: \(error.description)")
      } catch {
        throw ConfigurationSyntaxError("this is not valid TOML")
      }
    }
  #else
    /// TOML, which takes half a minute to build: a program can read it where it asks for the package trait `TOML`, and says so
    /// where it has not.
    public static let toml = ConfigurationFormat(name: "TOML", suffix: "toml") {
      _ throws(ConfigurationSyntaxError) in
      throw ConfigurationSyntaxError(
        "this program is built without TOML: write JSON, or add traits: [\"TOML\"] to the package greenfinch in its "
          + "Package.swift")
    }
  #endif
}

#if TOML
  extension ConfigurationValue {
    fileprivate init(_ value: any TOMLValueConvertible) {
      if let list = value.array {
        self = .list(list.map { ConfigurationValue($0) })
      } else if let flag = value.bool {
        self = .bool(flag)
      } else if let number = value.int {
        self = .number("\(number)")
      } else if let number = value.double {
        self = .number("\(number)")
      } else if let text = value.string {
        self = .string(text)
      } else {
        self = .table
      }
    }
  }
#endif
