internal import CNGHTTP2
internal import Glibc
internal import GreenHTTP
internal import HTTPTypes

/// The fields of an answer as nghttp2 takes them: addresses and lengths. One serves all answers of a connection, one after the
/// other.
final class FieldBlock {
  private let serverName: String
  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var table: [nghttp2_nv] = []
  /// The date, and the second that it is of.
  private var date = [UInt8](repeating: 0x20, count: HTTPDate.length)
  private var second: Int64 = .min

  private struct Entry {
    let name: Range<Int>
    let value: Range<Int>
  }

  init(serverName: String) {
    self.serverName = HTTPField.isValidValue(serverName) ? serverName : ""
  }

  /// The fields of a final answer.
  func begin(_ response: Response, contentLength: Int?) {
    begin(status: response.status.code)
    if !serverName.isEmpty && !response.headers.contains(.server) { add("server", serverName.utf8) }
    if !response.headers.contains(.date) { addDate() }
    if let type = response.contentType, !type.isEmpty, !response.headers.contains(.contentType) {
      add("content-type", type.utf8.lazy.map { $0 >= 0x20 && $0 != 0x7f ? $0 : 0x20 })
    }
    if let contentLength { add("content-length", "\(contentLength)".utf8) }
    add(response.headers)
    if let names = response.body.stream?.trailers, !names.isEmpty {
      add("trailer", names.map(\.canonicalName).joined(separator: ", ").utf8)
    }
  }

  /// The fields of a request: RFC 9113, 8.3.1.
  func begin(_ request: HTTPRequest) {
    begin()
    add(":method", request.method.rawValue.utf8)
    add(":scheme", (request.scheme ?? "https").utf8)
    add(":authority", (request.authority ?? "").utf8)
    add(":path", (request.path ?? "/").utf8)
    if let length = request.headerFields[.contentLength] { add("content-length", length.utf8) }
    add(request.headerFields)
  }

  /// All of these that are not a connection's.
  func add(_ fields: HTTPFields) {
    for field in fields where !Self.isOfConnection(field.name) {
      add(field.name.canonicalName.utf8, field.value.utf8)
    }
  }

  /// The fields of an interim answer, or the beginning of a final one's.
  func begin(status: Int) {
    begin()
    add(":status", "\(status)".utf8)
  }

  /// No fields yet.
  func begin() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  /// RFC 9113, 8.2.2: those that concern an HTTP/1 connection; and the length, which is told by whoever knows it.
  private static func isOfConnection(_ name: HTTPField.Name) -> Bool {
    switch name.canonicalName {
    case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length": true
    default: false
    }
  }

  private func addDate() {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &now)
    if Int64(now.tv_sec) != second {
      second = Int64(now.tv_sec)
      date.withUnsafeMutableBytes { HTTPDate.write(second, to: $0.baseAddress.unsafelyUnwrapped) }
    }
    add("date", date)
  }

  private func add(_ name: StaticString, _ value: some Sequence<UInt8>) {
    add(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value)
  }

  private func add(_ name: some Sequence<UInt8>, _ value: some Sequence<UInt8>) {
    let start = bytes.count
    bytes += name
    let middle = bytes.count
    bytes += value
    entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
  }

  /// Calls `body` with the fields, which are where they are during the call only.
  func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
    bytes.withUnsafeMutableBufferPointer { bytes in
      let base = bytes.baseAddress.unsafelyUnwrapped
      table.removeAll(keepingCapacity: true)
      for entry in entries {
        table.append(
          nghttp2_nv(
            name: base + entry.name.lowerBound, value: base + entry.value.lowerBound, namelen: entry.name.count,
            valuelen: entry.value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
      }
      return table.withUnsafeBufferPointer(body)
    }
  }
}
