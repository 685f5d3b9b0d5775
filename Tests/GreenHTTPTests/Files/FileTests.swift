import Glibc
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Files as answers: RFC 9110, 8.8, 13, 14, and RFC 6266.
@Suite(.bounded) struct FileTests {
  private let folder = TemporaryFolder()

  private func ask(_ file: File, _ fields: String = "", method: String = "GET") -> Answer {
    let stream = ScriptedStream("\(method) / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    HTTPConnection(stream: stream, application: Handler { try file.response(for: $0) }).serve()
    let answers = Answer.all(in: stream.sent, isHead: method == "HEAD")
    #expect(answers.count == 1)
    return answers[0]
  }

  private func file(_ name: String = "a.txt", _ text: String = "0123456789") -> File {
    folder.put(name, text, modified: 784_111_777)
    return File("\(folder.path)/\(name)")
  }

  @Test func aFileIsSentWhole() {
    let answer = ask(file())
    #expect(answer.status == 200 && answer.body == "0123456789" && answer["Content-Length"] == ["10"])
    #expect(answer["Content-Type"] == ["text/plain; charset=utf-8"] && answer["Accept-Ranges"] == ["bytes"])
    #expect(answer["Last-Modified"] == ["Sun, 06 Nov 1994 08:49:37 GMT"])
    #expect(answer["ETag"].count == 1 && answer["ETag"][0].hasPrefix("\""))
  }

  @Test func headHasTheFieldsAndNothingElse() {
    let file = file()
    let (head, get) = (ask(file, method: "HEAD"), ask(file))
    #expect(head.status == 200 && head.body == "" && head["Content-Length"] == ["10"])
    #expect(head["ETag"] == get["ETag"] && head["Last-Modified"] == get["Last-Modified"])
    // RFC 9110, 14.2: there are ranges for GET only.
    #expect(ask(file, "Range: bytes=1-2\r\n", method: "HEAD").status == 200)
  }

  @Test func anEmptyFileIsAnEmptyAnswer() {
    let file = file("empty.bin", "")
    let answer = ask(file)
    #expect(answer.status == 200 && answer.body == "" && answer["Content-Length"] == ["0"])
    #expect(answer["Content-Type"] == ["application/octet-stream"])
    #expect(ask(file, "Range: bytes=0-\r\n").status == 200)
  }

  @Test func aPartIsSent() {
    let answer = ask(file(), "Range: bytes=2-4\r\n")
    #expect(answer.status == 206 && answer.body == "234" && answer["Content-Range"] == ["bytes 2-4/10"])
    #expect(ask(file(), "Range: bytes=-3\r\n").body == "789")
    #expect(ask(file(), "Range: bytes=99999999999999999999-\r\n").status == 416)
  }

  @Test func severalPartsAreSentInOneBody() {
    let text = String(repeating: "0123456789", count: 100)
    let answer = ask(file("a.html", text), "Range: bytes=0-1,500-502,-1\r\n")
    let type = answer["Content-Type"][0]
    #expect(answer.status == 206 && type.hasPrefix("multipart/byteranges; boundary="))
    let boundary = type.split(separator: "=")[1]
    let head = "Content-Type: text/html; charset=utf-8\r\nContent-Range: bytes"
    let body = [("0-1", "01"), ("500-502", "012"), ("999-999", "9")].map { range, text in
      "\r\n--\(boundary)\r\n\(head) \(range)/1000\r\n\r\n\(text)"
    }
    #expect(answer.body == body.joined() + "\r\n--\(boundary)--\r\n")
    #expect(answer["Content-Range"].isEmpty && answer["Content-Length"] == ["\(answer.body.utf8.count)"])
  }

  @Test func conditionsAreKept() {
    let file = file()
    let tag = ask(file)["ETag"][0]
    let unchanged = ask(file, "If-None-Match: \(tag)\r\n")
    #expect(unchanged.status == 304 && unchanged["ETag"] == [tag] && unchanged["Content-Type"].isEmpty)
    #expect(unchanged["Content-Length"].isEmpty)
    #expect(ask(file, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status == 304)
    #expect(ask(file, "If-Match: \"other\"\r\n").status == 412)
    #expect(ask(file, "Range: bytes=1-2\r\nIf-Range: \(tag)\r\n").status == 206)
    #expect(ask(file, "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n").status == 200)
    #expect(ask(file, "Range: bytes=1-2\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status == 206)
    #expect(ask(file, "Range: bytes=1-2\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT\r\n").status == 200)
  }

  @Test func aFileThatWasChangedJustNowHasAWeakTag() {
    // Its time lies ahead, since it may be a while before it is asked for.
    folder.put("new", "abc", modified: time(nil) + 60)
    let file = File("\(folder.path)/new")
    let tag = ask(file)["ETag"][0]
    #expect(tag.hasPrefix("W/"))
    #expect(ask(file, "If-None-Match: \(tag)\r\n").status == 304)
    #expect(ask(file, "Range: bytes=1-2\r\nIf-Range: \(tag)\r\n").status == 200)
  }

  @Test func anotherFileInItsPlaceHasAnotherTag() {
    let tag = ask(file())["ETag"][0]
    #expect(ask(file("b.txt"))["ETag"][0] != tag)
    #expect(ask(file("a.txt", "9876543210x"))["ETag"][0] != tag)
  }

  @Test func whatIsNoFileIsNotThere() {
    mkfifo("\(folder.path)/fifo", 0o644)
    for path in ["\(folder.path)/none", folder.path, "\(folder.path)/fifo", "/dev/null", "/dev/tty", "a\0b", ""] {
      #expect(ask(File(path)).status == 404, "\(path)")
    }
  }

  @Test func aNameToBeSavedUnder() {
    func sent(_ disposition: ContentDisposition) -> String {
      var file = file()
      file.disposition = disposition
      return ask(file)["Content-Disposition"][0]
    }
    #expect(sent(.attachment()) == "attachment")
    #expect(sent(.inline(named: "a b.txt")) == #"inline; filename="a b.txt""#)
    #expect(
      sent(.attachment(named: "Grüße.txt"))
        == #"attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt"#)
    #expect(sent(.attachment(named: #"a"b\c;d.txt"#)) == #"attachment; filename="c;d.txt""#)
    #expect(sent(.attachment(named: #"a"b"#)) == #"attachment; filename="a_b"; filename*=UTF-8''a%22b"#)
    #expect(sent(.attachment(named: "50%.txt")) == #"attachment; filename="50%.txt"; filename*=UTF-8''50%25.txt"#)
    #expect(sent(.attachment(named: "../../etc/passwd")) == #"attachment; filename="passwd""#)
    #expect(
      sent(.attachment(named: "a\r\nX-Injected: 1"))
        == #"attachment; filename="a__X-Injected: 1"; filename*=UTF-8''a%0D%0AX-Injected%3A%201"#)
    #expect(sent(.attachment(named: "/")) == "attachment")
  }

  @Test(arguments: [
    ("a.HTML", "text/html; charset=utf-8"), ("a.min.js", "text/javascript; charset=utf-8"), ("x.svg", "image/svg+xml"),
    ("tar.gz", "application/gzip"), ("README", "application/octet-stream"), (".bashrc", "application/octet-stream"),
    ("a.", "application/octet-stream"), ("folder.css/file", "application/octet-stream"),
  ])
  func theEndOfTheNameSaysTheType(name: String, type: String) {
    folder.put(name, "")
    #expect(ask(File("\(folder.path)/\(name)"))["Content-Type"] == [type])
  }
}
