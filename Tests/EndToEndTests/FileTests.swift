import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Files in every worker class, asked for by curl and by hand.
@Suite(.serialized, .bounded) struct FileTests {
  private let folder = NSTemporaryDirectory() + "e2e-files-\(getpid())-\(Int.random(in: 0...(.max)))"
  private let large = Self.large
  private static let large = {
    let part = Data((0..<100_003).map { UInt8(truncatingIfNeeded: $0 >> 4 &* 7) })
    var data = Data()
    while data.count < 30_000_000 { data.append(part) }
    return data.prefix(30_000_000)
  }()

  init() throws {
    try FileManager.default.createDirectory(atPath: folder + "/docs", withIntermediateDirectories: true)
    try "Hello World!".write(toFile: folder + "/a.txt", atomically: true, encoding: .utf8)
    try "secret".write(toFile: folder + "/.env", atomically: true, encoding: .utf8)
    try "index".write(toFile: folder + "/docs/index.html", atomically: true, encoding: .utf8)
    try large.write(to: URL(fileURLWithPath: folder + "/large.bin"))
    try FileManager.default.createSymbolicLink(atPath: folder + "/out", withDestinationPath: "/etc")
    // A tag of a file that may still be changing is weak.
    for name in ["a.txt", "large.bin"] {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: "\(folder)/\(name)")
    }
  }

  private func serve(_ arguments: [String]) throws -> Server {
    try Server(arguments, environment: ["APP_FILES": folder])
  }

  private func curl(_ arguments: [String]) throws -> String {
    let outcome = try Program(system: "curl").run(["-sS", "--max-time", "60"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func end() { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: everyClass)
  func curlGetsThemWholeAndInParts(_ arguments: [String]) throws {
    defer { end() }
    let server = try serve(arguments)
    let url = "http://127.0.0.1:\(server.port)/files"
    #expect(try curl(["\(url)/a.txt"]) == "Hello World!")
    #expect(try curl(["-0", "\(url)/a.txt"]) == "Hello World!")
    #expect(try curl(["-r", "6-10", "\(url)/a.txt"]) == "World")
    #expect(try curl(["-L", "\(url)/docs"]) == "index")
    #expect(try curl(["-I", "\(url)/a.txt"]).contains("Content-Length: 12\r\n"))
    #expect(
      try curl(["-r", "0-0,-1", "-i", "\(url)/large.bin"]).contains("Content-Range: bytes 29999999-29999999/30000000"))
    #expect(try curl(["-o", "/dev/null", "-w", "%{response_code}", "-r", "30000000-", "\(url)/large.bin"]) == "416")
    let saved = try curl(["-i", "http://127.0.0.1:\(server.port)/saved"])
    #expect(
      saved.contains(
        "Content-Disposition: attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt\r\n"))
    let file = folder + "/got"
    _ = try curl(["-o", file, "\(url)/large.bin"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == large)
    // A download that was cut off goes on.
    try large.prefix(12_345_678).write(to: URL(fileURLWithPath: file))
    _ = try curl(["-C", "-", "-o", file, "\(url)/large.bin"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == large)
    let tag = try curl(["-I", "\(url)/a.txt"]).split(separator: "\r\n").first { $0.hasPrefix("ETag: ") }!.dropFirst(6)
    #expect(
      try curl(["-H", "If-None-Match: \(tag)", "-o", "/dev/null", "-w", "%{response_code}", "\(url)/a.txt"]) == "304")
  }

  @Test(arguments: everyClass)
  func nothingOutsideTheFolderIsReached(_ arguments: [String]) throws {
    defer { end() }
    let server = try serve(arguments)
    for path in [
      "..", "../", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc/passwd", "%252e%252e/etc/passwd",
      "%2e%2e%2f", ".env", "%2eenv", "docs/..", "docs/../a.txt", "docs/%2e%2e/a.txt", "docs%2findex.html", "out/passwd",
      "out", "a.txt%00", "a.txt%00.html", "%00", "//etc/passwd", "/etc/passwd", "a.txt/", "docs//index.html", "%ff",
      "..\\..\\etc\\passwd", "..;/etc/passwd", ".%2e/", "large.bin/../a.txt", "%c0%ae%c0%ae/",
    ] {
      let answer = try get(server.port, "/files/\(path)")
      #expect([404, 400].contains(answer.status), "\(path): \(answer.status) \(answer.body)")
      #expect(!answer.body.contains("root:") && !answer.body.contains("secret"))
    }
    let redirect = try get(server.port, "/files/docs?a=b")
    #expect(redirect.status == 301 && redirect.head.contains("Location: /files/docs/?a=b\r\n"))
    #expect(server.isRunning)
  }

  @Test(arguments: everyClass)
  func aFileThatIsMadeShorterEndsTheConnectionAndTheLogSaysSo(_ arguments: [String]) throws {
    defer { end() }
    let server = try serve(arguments)
    let client = try Client(port: server.port)
    try client.send(Array("GET /files/large.bin HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    try client.waitForSome()
    #expect(truncate(folder + "/large.bin", 20_000_000) == 0)
    #expect(try client.discard() < 21_000_000)
    #expect(server.logged("a file of 30000000 bytes ended at 20000000 while it was sent"))
    #expect(try get(server.port, "/files/a.txt").status == 200)
  }

  @Test(arguments: everyClass)
  func hintsAndTrailersArrive(_ arguments: [String]) throws {
    defer { end() }
    let server = try serve(arguments)
    let url = "http://127.0.0.1:\(server.port)"
    let hinted = try curl(["-i", "\(url)/hints"])
    #expect(hinted.hasPrefix("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"))
    #expect(hinted.hasSuffix("\r\n\r\nhinted"))
    let raw = try curl(["--raw", "-i", "\(url)/trailers"])
    #expect(raw.contains("\r\nTrailer: X-Sum\r\n") && raw.hasSuffix("0\r\nX-Sum: 3\r\n\r\n"))
    #expect(try curl(["\(url)/trailers"]) == "abc")
    #expect(try curl(["-0", "\(url)/trailers"]) == "abc")
  }
}
