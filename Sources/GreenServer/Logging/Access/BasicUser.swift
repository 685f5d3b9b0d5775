import GreenHTTP
import HTTPTypes

/// Who a request says that it is from, by HTTP's basic authentication (RFC 7617). Nobody has checked that.
enum BasicUser {
  static func name(of request: Request) -> String? {
    guard let value = request.header(.authorization) else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Base64.decode(parts[1].utf8) else {
      return nil
    }
    let name = bytes.prefix { $0 != UInt8(ascii: ":") }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}
