internal import FoundationEssentials
public import GreenServer

extension ConfigurationFormat {
  /// An object of settings: `{"workers": 2, "bind": ["127.0.0.1:8000", "unix:/run/app.sock"]}`.
  public static let json = ConfigurationFormat(name: "JSON", suffix: "json") {
    bytes throws(ConfigurationSyntaxError) in
    do {
      return try JSONDecoder().decode([String: JSONSetting].self, from: Data(bytes)).mapValues(\.value)
    } catch DecodingError.dataCorrupted(let context) {
      let reason = context.underlyingError.map { ": \($0)" } ?? ""
      throw ConfigurationSyntaxError("this is not valid JSON\(reason)")
    } catch {
      throw ConfigurationSyntaxError("this is not a JSON object of settings")
    }
  }
}

/// A value of JSON, as settings take it.
private struct JSONSetting: Decodable {
  let value: ConfigurationValue

  init(from decoder: any Decoder) throws {
    if let list = try? decoder.singleValueContainer().decode([JSONSetting].self) {
      value = .list(list.map(\.value))
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      value = .null
    } else if let flag = try? container.decode(Bool.self) {
      value = .bool(flag)
    } else if let number = try? container.decode(Int.self) {
      value = .number("\(number)")
    } else if let number = try? container.decode(Double.self) {
      value = .number("\(number)")
    } else if let text = try? container.decode(String.self) {
      value = .string(text)
    } else {
      value = .table
    }
  }
}
