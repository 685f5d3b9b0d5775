import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Compressed answers of servers, read by other people's clients, curl and Python's, also through proxies.
@Suite(.serialized, .bounded) struct ContentCodingTests {
  /// What the curl that is here takes off.
  private static let codings: [String] = {
    let said = (try? Program(system: "curl").run(["--version"]).output) ?? ""
    return [("libz", "gzip"), ("libz", "deflate"), ("brotli", "br"), ("zstd", "zstd")]
      .filter { said.contains($0.0) }.map { $0.1 }
  }()
  /// What the server chooses for a client that likes all of them alike.
  private static let best = ["br", "zstd", "gzip", "deflate"].first { codings.contains($0) }

  @Test(arguments: everyClass)
  func whatIsCompressedIsTakenOff(_ arguments: [String]) throws {
    let server = try Server("compressing", arguments)
    let url = "http://127.0.0.1:\(server.port)"
    try curlTakesOffWhatThereIs(url)
    // Without chunks a body ends with its connection.
    try curlTakesOffWhatThereIs(url, ["--http1.0"])
    try whatIsWrittenArrives(url)
    try pythonTakesOffWhatThereIs(url)
    #expect(server.stop() == 0)
  }

  @Test(arguments: ["--http1.1", "--http2"])
  func whatIsCompressedIsTakenOffBehindTLS(_ version: String) throws {
    let certificates = try Certificates()
    let server = try secureServer(
      ["-k", "green", "--http-protocols", "h1,h2"], certificates, program: "compressing")
    let more = [
      version, "--cacert", certificates.path("ca.pem"), "--resolve", "localhost:\(server.port):127.0.0.1",
    ]
    try curlTakesOffWhatThereIs("https://localhost:\(server.port)", more)
    try whatIsWrittenArrives("https://localhost:\(server.port)", more)
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: Proxy.has("nginx")), arguments: everyClass)
  func nginxPassesThemOn(_ arguments: [String]) throws {
    let server = try Server("compressing", arguments)
    let proxy = try Proxy.nginx(to: "127.0.0.1:\(server.port)")
    try curlTakesOffWhatThereIs("http://127.0.0.1:\(proxy.port)")
    try pythonTakesOffWhatThereIs("http://127.0.0.1:\(proxy.port)")
    #expect(server.stop() == 0)
  }

  @Test(.enabled(if: Proxy.has("haproxy")), arguments: everyClass)
  func haproxyPassesThemOn(_ arguments: [String]) throws {
    let server = try Server("compressing", arguments)
    let proxy = try Proxy.haproxy(to: server.port, bytesTo: server.port)
    let url = "http://127.0.0.1:\(proxy.port)"
    try curlTakesOffWhatThereIs(url)
    // nginx would gather it.
    try whatIsWrittenArrives(url)
    try pythonTakesOffWhatThereIs(url)
    #expect(server.stop() == 0)
  }

  // MARK: curl

  private func curlTakesOffWhatThereIs(_ url: String, _ more: [String] = []) throws {
    for path in ["/text/50", "/text/3000", "/streamed/5", "/json/100"] {
      let plain = try ask(url + path, more)
      #expect(plain.body.utf8.count > 1024 && !plain.head.contains("content-encoding"), "\(path): \(plain.head)")
      #expect(plain.head.contains("vary: accept-encoding"), "\(path): \(plain.head)")
      for coding in Self.codings {
        let coded = try ask(url + path, more + Self.taking(coding))
        #expect(coded.head.contains("content-encoding: \(coding)"), "\(path): \(coded.head)")
        #expect(coded.head.contains("vary: accept-encoding"), "\(path): \(coded.head)")
        let isSame = coded.body == plain.body
        #expect(isSame, "\(path) by \(coding)")
        if path.hasPrefix("/text") {
          let count = try transferred(url + path, by: coding, more)
          #expect(count > 0 && count < plain.body.utf8.count / 2, "\(path) by \(coding): \(count) bytes")
        }
      }
    }

    let best = try #require(Self.best)
    let head = try ask(url + "/text/3000", more + ["--compressed", "-I"])
    #expect(head.head.contains("content-encoding: \(best)") && head.body.isEmpty, "\(head.head)")
    for path in ["/short", "/picture", "/secret"] {
      let answer = try ask(url + path, more + ["--compressed"])
      #expect(!answer.head.contains("content-encoding"), "\(path): \(answer.head)")
    }

    let folder = try TemporaryFolder()
    let text = (0..<20_000).map { "line \($0)\n" }.joined()
    try text.write(toFile: folder.path + "/body", atomically: true, encoding: .utf8)
    let echoed = try ask(url + "/echo", more + ["--compressed", "--data-binary", "@\(folder.path)/body"])
    let isSame = echoed.body == text
    #expect(isSame && echoed.head.contains("content-encoding: \(best)"), "\(echoed.head)")
  }

  /// A line that has been written is read before the next has been.
  private func whatIsWrittenArrives(_ url: String, _ more: [String] = []) throws {
    for coding in Self.codings {
      let (gate, folder) = (try Gate(), try TemporaryFolder())
      let options = ["-sSN", "-m", "150", "-D", "\(folder.path)/head", "-o", "\(folder.path)/body"]
      let arguments = options + Self.taking(coding) + more + ["\(url)\(gate.path)"]
      let reading = Thread.running { try Program(system: "curl").run(arguments) }
      let hasArrived = comesTrue { folder.text("body") == "first\n" }
      gate.open()
      let outcome = try reading.get()
      #expect(hasArrived, "by \(coding): \(outcome.errors)")
      #expect(outcome.status == 0 && folder.text("body") == "first\nlast\n", "by \(coding): \(outcome.errors)")
      #expect(folder.text("head").lowercased().contains("content-encoding: \(coding)"), "\(folder.text("head"))")
    }
  }

  /// Has curl take off one coding alone.
  private static func taking(_ coding: String) -> [String] { ["--compressed", "-H", "Accept-Encoding: \(coding)"] }

  /// The head in small letters, and the body.
  private func ask(_ url: String, _ more: [String]) throws -> (head: String, body: String) {
    let outcome = try Program(system: "curl").run(["-sSi", "-m", "\(Int(patience))"] + more + [url])
    let bytes = Array(outcome.output.utf8)
    guard outcome.status == 0, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw Failure("\(url) by \(more): \(outcome.errors)")
    }
    return (
      String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased(),
      String(decoding: bytes[end.upperBound...], as: UTF8.self)
    )
  }

  /// How many bytes a body takes on its way.
  private func transferred(_ url: String, by coding: String, _ more: [String]) throws -> Int {
    let outcome = try Program(system: "curl").run(
      ["-sS", "-m", "\(Int(patience))", "-o", "/dev/null", "-w", "%{size_download}"]
        + ["-H", "Accept-Encoding: \(coding)"] + more + [url])
    return try #require(Int(outcome.output), "\(outcome.output)\(outcome.errors)")
  }

  // MARK: Python

  private func pythonTakesOffWhatThereIs(_ url: String) throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Clients/codings.py").path
    let outcome = try Program(system: "python3").run([script, url])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }
}
