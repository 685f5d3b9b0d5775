import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Conditions, and their order: RFC 9110, 13.
@Suite(.bounded) struct PreconditionTests {
  private let date: Int64 = 784_111_777
  private let then = "Sun, 06 Nov 1994 08:49:37 GMT"
  private let before = "Sun, 06 Nov 1994 08:49:36 GMT"
  private let after = "Sun, 06 Nov 1994 08:49:38 GMT"

  private func outcome(
    _ headers: HTTPFields, _ method: HTTPRequest.Method = .get, tag: EntityTag? = EntityTag("a"), exists: Bool = true
  ) throws -> Precondition {
    try Request(method, "/", headers: headers).precondition(entityTag: tag, lastModified: date, exists: exists)
  }

  @Test func ifMatchComparesStrongly() throws {
    #expect(try outcome([.ifMatch: #""a""#]) == .holds)
    #expect(try outcome([.ifMatch: #""b", "a""#]) == .holds)
    #expect(try outcome([.ifMatch: #""b""#]) == .failed)
    #expect(try outcome([.ifMatch: #"W/"a""#]) == .failed)
    #expect(try outcome([.ifMatch: #""a""#], tag: EntityTag("a", isWeak: true)) == .failed)
    #expect(try outcome([.ifMatch: "*"]) == .holds)
    #expect(try outcome([.ifMatch: "*"], .put, exists: false) == .failed)
    #expect(try outcome([.ifMatch: "a"]) == .failed)
    #expect(try outcome([.ifMatch: #""a""#], tag: nil) == .failed)
  }

  @Test func ifNoneMatchComparesWeakly() throws {
    #expect(try outcome([.ifNoneMatch: #""a""#]) == .notModified)
    #expect(try outcome([.ifNoneMatch: #"W/"a""#]) == .notModified)
    #expect(try outcome([.ifNoneMatch: #""b" , W/"a""#]) == .notModified)
    #expect(try outcome([.ifNoneMatch: #""b""#]) == .holds)
    #expect(try outcome([.ifNoneMatch: "*"], .head) == .notModified)
    #expect(try outcome([.ifNoneMatch: "*"], .put) == .failed)
    #expect(try outcome([.ifNoneMatch: "*"], .put, exists: false) == .holds)
    #expect(try outcome([.ifNoneMatch: #""a""#], .delete) == .failed)
    #expect(try outcome([.ifNoneMatch: #"nonsense, "a""#]) == .holds)
  }

  @Test func aTagMayHoldWhatSeparatesTags() throws {
    #expect(try outcome([.ifNoneMatch: #""x,y", "a""#]) == .notModified)
    #expect(try outcome([.ifNoneMatch: #""a,b""#]) == .holds)
    #expect(try outcome([.ifNoneMatch: #""a,b""#], tag: EntityTag("a,b")) == .notModified)
  }

  @Test func timesCount() throws {
    for same in [then, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
      #expect(try outcome([.ifModifiedSince: same]) == .notModified)
      #expect(try outcome([.ifUnmodifiedSince: same]) == .holds)
    }
    #expect(try outcome([.ifModifiedSince: after]) == .notModified)
    #expect(try outcome([.ifModifiedSince: before]) == .holds)
    #expect(try outcome([.ifUnmodifiedSince: before]) == .failed)
    // 13.1.3 and 13.1.4: of another method, and of what is not a date, nothing.
    #expect(try outcome([.ifModifiedSince: then], .post) == .holds)
    #expect(try outcome([.ifModifiedSince: "yesterday"]) == .holds)
    #expect(try outcome([.ifUnmodifiedSince: "1994-11-06"]) == .holds)
  }

  @Test func tagsGoBeforeTimes() throws {
    #expect(try outcome([.ifMatch: #""a""#, .ifUnmodifiedSince: before]) == .holds)
    #expect(try outcome([.ifMatch: #""b""#, .ifUnmodifiedSince: then]) == .failed)
    #expect(try outcome([.ifNoneMatch: #""b""#, .ifModifiedSince: then]) == .holds)
    #expect(try outcome([.ifNoneMatch: #""a""#, .ifModifiedSince: before]) == .notModified)
    #expect(try outcome([.ifMatch: #""b""#, .ifNoneMatch: #""a""#]) == .failed)
    #expect(try outcome([.ifMatch: #""a""#, .ifNoneMatch: #""a""#]) == .notModified)
  }

  @Test func anAnswerOfOnesOwnTakesPart() throws {
    let request = try Request(.get, "/", headers: [.ifNoneMatch: #""v1""#])
    var response = Response("text")
    response.headers[.cacheControl] = "max-age=5"
    let answer = response.conditional(for: request, entityTag: EntityTag("v1"))
    #expect(answer.status == 304 && answer.headers[.eTag] == #""v1""# && answer.headers[.cacheControl] == "max-age=5")
    #expect(answer.contentType == nil && answer.body == .empty)
    let newer = response.conditional(for: request, entityTag: EntityTag("v2"), lastModified: date)
    #expect(newer.status == 200 && newer.headers[.eTag] == #""v2""# && newer.headers[.lastModified] == then)
    #expect(newer.body == .string("text"))
    // What it says already counts.
    response.headers[.eTag] = #"W/"v1""#
    #expect(response.conditional(for: request).status == 304)
    // And not where it is an error, or came of a change.
    response.status = .notFound
    #expect(response.conditional(for: request).status == 404)
    let put = try Request(.put, "/", headers: [.ifMatch: #""v0""#])
    #expect(Response("text").conditional(for: put, entityTag: EntityTag("v1")).status == 200)
  }

  @Test func aPartOfABodyInMemory() throws {
    let handler = Handler { request in
      Response("0123456789").conditional(for: request, entityTag: EntityTag("v"), ranges: true)
    }
    func answer(_ fields: String) -> Answer { serve("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", with: handler)[0] }
    let part = answer("Range: bytes=2-4\r\n")
    #expect(part.status == 206 && part.body == "234" && part["Content-Range"] == ["bytes 2-4/10"])
    #expect(part["Content-Length"] == ["3"] && part["ETag"] == ["\"v\""])
    #expect(answer("").body == "0123456789")
    let none = answer("Range: bytes=10-\r\n")
    #expect(none.status == 416 && none["Content-Range"] == ["bytes */10"])
    #expect(answer("Range: bytes=2-4\r\nIf-Range: \"v\"\r\n").status == 206)
    #expect(answer("Range: bytes=2-4\r\nIf-Range: \"w\"\r\n").status == 200)
    #expect(answer("Range: bytes=2-4\r\nIf-Range: W/\"v\"\r\n").status == 200)
    // 13.2.2: a condition that does not hold goes before a range.
    #expect(answer("Range: bytes=2-4\r\nIf-None-Match: \"v\"\r\n").status == 304)
    #expect(answer("Range: bytes=2-4\r\nIf-Match: \"w\"\r\n").status == 412)
  }
}
