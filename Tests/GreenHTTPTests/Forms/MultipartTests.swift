import Foundation
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

@Suite(.bounded) struct MultipartTests {
  private let type = "multipart/form-data; boundary=XX"

  private func request(
    _ body: String, type: String? = nil, pieces: Int = .max, declared: Bool = true
  ) throws -> Request {
    try formRequest(type ?? self.type, Array(body.utf8), pieces: pieces, declared: declared)
  }

  private func field(_ name: String, _ value: String) -> String {
    "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
  }

  private func file(_ name: String, _ filename: String, _ content: String, type: String = "image/png") -> String {
    "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(filename)\"\r\n"
      + "Content-Type: \(type)\r\n\r\n\(content)\r\n"
  }

  private func status(_ body: String, type: String? = nil, limits: FormLimits = FormLimits()) throws -> Int? {
    do {
      _ = try request(body, type: type).form(limits: limits)
      return nil
    } catch let error as HTTPError {
      return error.status.code
    }
  }

  /// However the bytes come: whole, one by one, in any pieces between.
  @Test(arguments: [1, 2, 3, 5, 7, 16, 61, .max])
  func fieldsAndFilesAreRead(pieces: Int) throws {
    let tricky = "\r\n--X\r\n--XXY\r\n-\r\r\n--\r\n"
    let body =
      "preamble\r\n" + field("title", "a") + field("text", tricky) + file("picture", "a.png", tricky + "\u{0}\u{1}")
      + field("title", "b") + field("empty", "") + "--XX--\r\nepilogue --XX\r\n"
    for declared in [true, false] {
      let form = try request(body, pieces: pieces, declared: declared).form()
      #expect(form.fields.all("title") == ["a", "b"] && form.text == tricky && form.empty == "")
      let picture = try #require(form.file("picture"))
      #expect(picture.filename == "a.png" && picture.contentType == "image/png" && picture.field == "picture")
      #expect(try picture.bytes() == Array((tricky + "\u{0}\u{1}").utf8) && picture.size == picture.bytes().count)
    }
  }

  @Test func longFilesGoToTemporaryFilesAndAreTheSame() throws {
    let long = String(repeating: "0123456789", count: 30_000)
    let form = try request(file("a", "a", long) + file("b", "b", "short") + "--XX--").form()
    let upload = try #require(form.file("a"))
    #expect(upload.size == 300_000)
    #expect(try upload.bytes() == Array(long.utf8))
    #expect(try upload.read(upTo: 5, at: 299_997) == Array("789".utf8))
    #expect(try upload.read(at: 300_000).isEmpty)
    let path = FileManager.default.temporaryDirectory.appending(path: "upload-\(UInt64.random(in: 0...(.max)))").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for (name, content) in [("a", long), ("b", "short")] {
      try form.file(name)?.save(to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
    }
  }

  @Test func aFileThatNobodyChoseIsLeftOut() throws {
    let form = try request(file("a", "", "", type: "application/octet-stream") + file("b", "", "x") + "--XX--").form()
    #expect(form.file("a") == nil && form.files("b").count == 1)
  }

  @Test(arguments: [
    ("a.png", "a.png"), ("../../etc/passwd", "passwd"), ("C:\\\\Users\\\\a.png", "a.png"),
    ("C:\\Users\\a.png", "a.png"),
    ("..", ""), (".", ""), ("a%22b.png", "a\"b.png"), ("a\\\"b", "a\"b"), ("a%0D%0Ab", "ab"),
    ("caf\u{e9}.png", "café.png"),
    ("/", ""), ("a;b=c.png", "a;b=c.png"),
  ])
  func filenamesAreNoPaths(sent: String, filename: String) throws {
    let form = try request(file("f", sent, "x") + "--XX--").form()
    #expect(form.files.first?.filename == filename)
  }

  @Test func extendedFilenamesAreRead() throws {
    let part =
      "--XX\r\nContent-Disposition: form-data; name=f; filename=\"x\"; filename*=UTF-8''%E2%82%AC%2F..%2Fb.png\r\n\r\n1\r\n--XX--"
    #expect(try request(part).form().files.first?.filename == "b.png")
  }

  @Test(arguments: [
    "", "--XX", "--XX\r\n", "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n",
    "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb",
    "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--XX",
    "--XX\r\n\r\nb\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\nb\r\n--XX--",
    "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n--XX--",
    "--XX\r\nContent-Disposition form-data; name=a\r\n\r\nb\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data; name=a\r\n folded: x\r\n\r\nb\r\n--XX--",
    "--YY\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--YY--",
    "--XX\nContent-Disposition: form-data; name=a\n\nb\n--XX--",
  ])
  func whatIsMalformedIsABadRequest(body: String) throws {
    #expect(try status(body) == 400)
  }

  @Test(
    arguments: [
      ("multipart/form-data", 400), ("multipart/form-data; boundary=", 400), ("multipart/form-data; boundary=\"a", 415),
      ("multipart/form-data; boundary=\(String(repeating: "a", count: 71))", 400),
      ("multipart/form-data; boundary=\"XX\"", nil),
      ("multipart/form-data; charset=utf-8; Boundary=XX", nil), ("Multipart/Form-Data;boundary=XX", nil),
    ] as [(String, Int?)])
  func theBoundaryIsLookedAt(type: String, expected: Int?) throws {
    #expect(try status(field("a", "b") + "--XX--", type: type) == expected)
  }

  @Test func blanksAfterABoundaryAreLeftOut() throws {
    let body =
      "--XX \t \r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--XX  \r\nContent-Disposition: form-data; name=c\r\n\r\nd\r\n--XX-- "
    let form = try request(body).form()
    #expect(form.a == "b" && form.c == "d")
    #expect(try status("--XX" + String(repeating: " ", count: 100_000) + "\r\n") == 400)
  }

  @Test func limitsAreKept() throws {
    var limits = FormLimits()
    limits.parts = 3
    limits.text = 20
    limits.partHead = 200
    let three = field("a", "1") + field("b", "2") + file("c", "c", String(repeating: "x", count: 1_000))
    #expect(try status(three + "--XX--", limits: limits) == nil)
    #expect(try status(three + field("d", "4") + "--XX--", limits: limits) == 413)
    #expect(try status(field("a", String(repeating: "x", count: 20)) + "--XX--", limits: limits) == 413)
    #expect(try status(field("a", "123456789") + field("b", "123456789x") + "--XX--", limits: limits) == 413)
    #expect(try status(field(String(repeating: "x", count: 200), "1") + "--XX--", limits: limits) == 413)
    #expect(try status("--XX\r\nA: " + String(repeating: "x", count: 9_000)) == 413)
    #expect(try status(String(repeating: field("a", "1"), count: 1_001) + "--XX--") == 413)
  }

  @Test func filesHaveALimitOfTheirOwn() throws {
    func files(_ count: Int, _ filename: String = "a", _ content: String = "x") -> String {
      String(repeating: file("a", filename, content), count: count)
    }
    #expect(try request(files(100) + "--XX--").form().files.count == 100)
    #expect(try status(files(101) + "--XX--") == 413)
    var limits = FormLimits()
    limits.files = 2
    limits.memory = 10
    let long = files(1, "long", String(repeating: "x", count: 1_000))
    #expect(try request(long + field("b", "1") + long + "--XX--").form(limits: limits).files.count == 2)
    #expect(try status(long + long + long + "--XX--", limits: limits) == 413)
    #expect(try status(files(3, "") + "--XX--", limits: limits) == 413, "what has no name is one too")
    #expect(try status(files(3, "", "") + "--XX--", limits: limits) == nil, "nobody has chosen any")
    var reader = try request(files(3) + "--XX--").multipart(limits: limits)
    var parts = 0
    while try reader.nextPart() != nil { parts += 1 }
    #expect(parts == 3, "they are not kept open")
  }

  @Test func aPartsHeadHasItsLimitHoweverItComes() throws {
    let body = field("a", "1") + "--XX--"
    let length = "Content-Disposition: form-data; name=\"a\"\r\n".utf8.count
    var limits = FormLimits()
    for pieces in Array(1...60) + [.max] {
      limits.partHead = length
      #expect(try request(body, pieces: pieces).form(limits: limits).a == "1", "\(pieces)")
      limits.partHead = length - 1
      let error = #expect(throws: HTTPError.self) { try request(body, pieces: pieces).form(limits: limits) }
      #expect(error?.status.code == 413, "\(pieces)")
    }
  }

  /// A million parts, or a head without an end, cost no more than the limits.
  @Test func hostileBodiesEndSoon() throws {
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "a", path: "/", headerFields: [.contentType: type])
    var limits = HTTPLimits()
    limits.body = 0
    for endless in ["--XX\r\n", field("a", "1"), "--XX\r\nContent-Disposition: form-data; name=a\r\nX: y\r\n"] {
      var sent = 0
      let bytes = Array(endless.utf8)
      let request = try Request(head, remote: "", limits: limits) { buffer in
        for index in 0..<buffer.count { buffer[index] = bytes[(sent + index) % bytes.count] }
        sent += buffer.count
        if sent > 100 << 20 { throw HTTPError(.internalServerError, "read on and on") }
        return buffer.count
      }
      let error = #expect(throws: HTTPError.self) { try request.form() }
      #expect(error?.status == .badRequest || error?.status == .contentTooLarge)
    }
  }

  @Test(arguments: [(false, 1_001), (true, 101)])
  func ofAMillionPartsNoMoreIsReadThanTheLimit(areFiles: Bool, most: Int) throws {
    let part = Array((areFiles ? file("a", "a", "x") : field("a", "1")).utf8)
    let whole = 1_000_000 * part.count
    let head = HTTPRequest(
      method: .post, scheme: "http", authority: "a", path: "/",
      headerFields: [.contentType: type, .contentLength: "\(whole)"])
    var limits = HTTPLimits()
    limits.body = 0
    var sent = 0
    let request = try Request(head, remote: "", limits: limits) { buffer in
      let count = min(buffer.count, whole - sent)
      for index in 0..<count { buffer[index] = part[(sent + index) % part.count] }
      sent += count
      return count
    }
    let error = #expect(throws: HTTPError.self) { try request.form() }
    #expect(error?.status == .contentTooLarge)
    // As many parts as there may be, and what came together with the last.
    #expect(sent <= most * part.count + 131_072, "\(sent) of \(whole) bytes were read")
  }

  @Test func partsAreReadInPieces() throws {
    let long = String(repeating: "0123456789", count: 30_000)
    var parts = try request(file("a", "a", long) + field("b", "x") + file("c", "c", long) + "--XX--").multipart()
    var seen: [String] = []
    var count = 0
    while let part = try parts.nextPart() {
      seen.append(part.name)
      guard part.name == "a" else { continue }
      while let piece = try parts.readPiece() {
        count += piece.count
        #expect(piece.count <= 65_536)
      }
    }
    #expect(seen == ["a", "b", "c"] && count == 300_000)
    #expect(try parts.nextPart() == nil)
  }

  /// Whatever bytes come, they are read or refused, the same however they are cut.
  @Test func randomBodiesNeverTrap() throws {
    var random = SplitMix(seed: 20_261_130)
    let pieces = [
      "--XX", "\r\n", "--", "\r", "\n", "Content-Disposition: form-data; name=a", ": ", "filename=\"", "\"", ";", "a",
      "\u{0}", " ",
    ]
    for _ in 0..<3_000 {
      let body = (0..<random.next(40)).map { _ in pieces[random.next(pieces.count)] }.joined()
      let whole = try outcome(request(body))
      let cut = try outcome(request(body, pieces: 1 + random.next(5), declared: false))
      #expect(whole == cut, "\(body.debugDescription)")
    }
  }

  private func outcome(_ request: Request) throws -> String {
    do {
      let form = try request.form()
      return "\(form.fields.elements) \(try form.files.map { "\($0.filename) \(try $0.bytes())" })"
    } catch let error as HTTPError {
      return "\(error)"
    }
  }

  private struct SplitMix {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var bits = state
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((bits ^ (bits >> 31)) % UInt64(bound))
    }
  }
}
