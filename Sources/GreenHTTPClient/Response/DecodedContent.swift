internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// A content whose coding is taken off while it is read.
///
/// A few bytes may stand for gigabytes: nothing is made before somebody reads it, and what is made is bounded by what has come.
///
/// Unsafe as `Sendable`: one reader at a time has it.
final class DecodedContent: IncomingContent, @unchecked Sendable {
  private let coded: any IncomingContent
  private let decoder: any BodyDecoder
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  private let expansion: Int
  private var needsInput = true
  private var received = 0
  private var made = 0
  private(set) var hasEnded = false

  /// What may be made whatever it is made of.
  private static let free = 10 << 20

  /// - Parameter expansion: how many bytes may be made of each.
  init(_ coded: any IncomingContent, _ decoder: any BodyDecoder, expansion: Int) {
    (self.coded, self.decoder, self.expansion) = (coded, decoder, max(1, expansion))
  }

  deinit { input.deallocate() }

  var trailers: HTTPFields { coded.trailers }
  var hasLeftConnection: Bool { coded.hasLeftConnection }
  var leavesConnectionUsable: Bool { coded.leavesConnectionUsable }
  func abandon() { coded.abandon() }
  func skipReceived() { coded.skipReceived() }

  func read(into memory: UnsafeMutableRawBufferPointer, _ timing: Timing) throws -> Int {
    while !hasEnded {
      if needsInput {
        guard try receive(timing) else { break }
      }
      let count = try decode(into: memory)
      if count > 0 { return count }
    }
    return 0
  }

  /// False at the end.
  private func receive(_ timing: Timing) throws -> Bool {
    let count = try coded.read(into: input, timing)
    if count == 0 {
      hasEnded = true
      // Nothing at all is what some send for nothing.
      if received > 0 && !decoder.mayEnd {
        throw HTTPClientError.undecodable("the content ends before its Content-Encoding does")
      }
      return false
    }
    received += count
    decoder.setInput(UnsafeRawBufferPointer(rebasing: input[..<count]))
    return true
  }

  private func decode(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    do {
      let (count, needsInput) = try decoder.decode(into: memory)
      self.needsInput = needsInput
      made += count
      Hub.spend(bytes: count)
      let (product, overflow) = received.multipliedReportingOverflow(by: expansion)
      let limit = Self.free + min(overflow ? .max : product, Int.max - Self.free)
      if made > limit { throw HTTPClientError.tooLong(limit: limit) }
      return count
    } catch is ContentCodingFault {
      throw HTTPClientError.undecodable("the content is not coded as its Content-Encoding says")
    }
  }
}

extension ContentDecoding {
  /// An answer with its coding taken off, where it has one that is known, and one alone.
  func decoded(_ answer: IncomingAnswer, expansion: Int) -> IncomingAnswer {
    guard !answer.content.hasEnded, let coding = answer.fields[.contentEncoding],
      let decoder = decoder(of: coding.lowercased())
    else { return answer }
    var fields = answer.fields
    fields[.contentEncoding] = nil
    // It is that of what came.
    fields[.contentLength] = nil
    return IncomingAnswer(
      status: answer.status, version: answer.version, fields: fields,
      content: DecodedContent(answer.content, decoder, expansion: expansion))
  }
}
