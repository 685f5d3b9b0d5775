import GreenHTTP
import HTTPTypes

/// Who a request says that it is from, by HTTP's basic authentication (RFC 7617). Nobody has checked that.
enum BasicUser {
  static func name(of request: Request) -> String? {
    guard let value = request.header(.authorization) else { return nil }
    let scheme = value.before(" ")
    guard scheme.lowercased() == "basic",
      let bytes = Base64.decode(value.dropping(bytes: scheme.utf8.count).trimmed.utf8)
    else { return nil }
    let name = bytes.prefix { $0 != UInt8(ascii: ":") }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}
