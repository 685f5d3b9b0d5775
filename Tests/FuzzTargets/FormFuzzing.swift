internal import GreenHTTP
internal import HTTPTypes

/// Forms with files, and the fields of queries and cookies.
enum FormFuzzing {
  /// A `multipart/form-data` body is read the same, however it comes.
  static func complaint(_ bytes: [UInt8], cut: UInt8) -> String? {
    let whole = outcome(bytes, piece: .max)
    let pieces = outcome(bytes, piece: 1 + Int(cut) % 64)
    return whole == pieces ? nil : "whole: \(whole)\nin pieces: \(pieces)"
  }

  private static func outcome(_ bytes: [UInt8], piece: Int) -> String {
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "a", path: "/",
      headerFields: [.contentType: "multipart/form-data; boundary=X"])
    var rest = bytes[...]
    var limits = FormLimits()
    limits.parts = 5
    limits.memory = 16
    limits.partHead = 200
    limits.text = 100
    do {
      let request = try Request(head, remote: "") { buffer in
        let next = rest.prefix(min(buffer.count, piece))
        buffer.copyBytes(from: next)
        rest = rest.dropFirst(next.count)
        return next.count
      }
      let form = try request.form(limits: limits)
      let files = try form.files.map { "\($0.field) \($0.filename) \($0.contentType) \(try $0.bytes())" }
      return "\(form.fields.elements) \(files)"
    } catch {
      return "\(error)"
    }
  }

  /// Whatever a cookie holds, it comes back, and nothing of it gets out of its field.
  static func complaint(aboutFields bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    // These promise something of the cookie, and change it.
    if text.hasPrefix("__") { return nil }
    let half = text.utf8.count / 2
    let name = String(decoding: text.utf8.prefix(half), as: UTF8.self)
    let value = String(decoding: text.utf8.dropFirst(half), as: UTF8.self)
    var response = Response()
    response.setCookie(Cookie(name, value, path: value, domain: name))
    let field = response.headers[.setCookie] ?? ""
    if field.utf8.contains(where: { $0 < 0x20 || $0 > 0x7e }) { return "not text: \(field.debugDescription)" }
    if field.split(separator: ";").count != 5 { return "another attribute: \(field)" }
    guard let request = try? Request(.get, "/", headers: [.cookie: String(field.prefix { $0 != ";" })]) else {
      return "a cookie that is not a field: \(field)"
    }
    let expected = name.isEmpty ? [] : [name, value]
    let read = request.cookies.elements.flatMap { [$0.name, $0.value] }
    if read != expected { return "read: \(read)" }
    // Any bytes at all as they come.
    let fields: HTTPFields = [.cookie: text]
    _ = (try? Request(.get, "/", headers: fields))?.cookies
    _ = (try? Request(.get, "/?\(text)"))?.query
    return nil
  }
}
