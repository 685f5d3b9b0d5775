internal import GreenHTTP
internal import HTTPTypes

/// The parts of an answer that a client asks for: `Range`, `If-Range` and the other conditions.
enum RangeFuzzing {
  private static let content = (0..<1000).map { UInt8(ascii: "a") + UInt8($0 % 26) }

  /// Whatever is asked for, what is sent is what the answer says, and of it no more than there is.
  static func complaint(_ bytes: [UInt8]) -> String? {
    let lines = bytes.split(separator: 0x0a, maxSplits: 3, omittingEmptySubsequences: false)
    var fields = HTTPFields()
    for (name, value) in zip([.range, .ifRange, .ifNoneMatch, .ifModifiedSince] as [HTTPField.Name], lines) {
      if !value.isEmpty { fields[name] = String(decoding: value, as: UTF8.self) }
    }
    guard let request = try? Request(.get, "/", headers: fields) else { return nil }
    let answer = Response(content).conditional(
      for: request, entityTag: EntityTag("v"), lastModified: 1_000_000_000, ranges: true)
    guard let body = try? bytesOf(answer, request) else { return "the body cannot be written" }
    switch answer.status.code {
    case 200: return body == content ? nil : "another content"
    case 206: return partComplaint(answer, body)
    case 304, 416: return body.count < 200 ? nil : "content where none is asked for"
    default: return "the status \(answer.status.code)"
    }
  }

  private static func partComplaint(_ answer: Response, _ body: [UInt8]) -> String? {
    guard let range = answer.headers[.contentRange] else {
      // Several: none twice, so that all of them are little more than the whole.
      return body.count < 2 * content.count + 16 * 200 ? nil : "parts of \(body.count) bytes"
    }
    let numbers = range.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count == 3, numbers[2] == content.count, numbers[0] <= numbers[1], numbers[1] < content.count else {
      return "the range \(range)"
    }
    return body == Array(content[numbers[0]...numbers[1]]) ? nil : "\(range) is not what is sent"
  }

  private static func bytesOf(_ answer: Response, _ request: Request) throws -> [UInt8] {
    guard let stream = answer.body.stream else { return answer.body.withBytes { Array($0) } ?? [] }
    var bytes: [UInt8] = []
    try stream.write(for: request) { bytes += $0 }
    return bytes
  }
}
