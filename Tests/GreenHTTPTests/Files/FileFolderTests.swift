import CGlibc
import Glibc
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// Folders of files: what is reached, and what is not.
@Suite(.bounded) struct FileFolderTests {
  private let folder = TemporaryFolder()
  private let outside = TemporaryFolder()

  init() {
    folder.put("a.txt", "a")
    folder.put("css/style.css", "css")
    folder.put(".env", "secret")
    folder.put(".well-known/security.txt", "contact")
    folder.put("css/.well-known/x", "secret")
    folder.put("docs/index.html", "index")
    outside.put("secret.txt", "secret")
    symlink("\(outside.path)/secret.txt", "\(folder.path)/out.txt")
    symlink(outside.path, "\(folder.path)/outdir")
    symlink("../../../../../../../../etc/passwd", "\(folder.path)/passwd")
    symlink("css/style.css", "\(folder.path)/in.css")
    symlink("/proc/self/cwd", "\(folder.path)/cwd")
    mkfifo("\(folder.path)/fifo", 0o644)
  }

  private func status(_ path: String, _ folder: FileFolder, headers: HTTPFields = [:]) throws -> (Int, String?) {
    do {
      let response = try folder.response(path: path, for: Request(.get, "/" + "x", headers: headers))
      return (response.status.code, try response.text)
    } catch let error as HTTPError { return (error.status.code, nil) }
  }

  @Test func whatLiesInTheFolderIsServed() throws {
    let folder = FileFolder(folder.path)
    for (path, text) in [
      ("a.txt", "a"), ("css/style.css", "css"), ("in.css", "css"), (".well-known/security.txt", "contact"),
    ] {
      let (code, body) = try status(path, folder)
      #expect(code == 200 && body == text, "\(path)")
    }
  }

  @Test(arguments: [
    "", "none", "css", "css/", "css/none", "a.txt/", "a.txt/b", "/a.txt", "//a.txt", "css//style.css", "./a.txt",
    "../x",
    "..", ".", "css/..", "css/../a.txt", "css/../../x", ".env", "css/.well-known/x", "out.txt", "outdir/secret.txt",
    "passwd", "cwd", "cwd/Package.swift", "fifo", "a.txt\0", "a.txt\0.html", "\0", String(repeating: "x", count: 300),
    String(repeating: "x/", count: 5_000), "...", "..\u{338}/a.txt", "css/\u{338}../a.txt",
  ])
  func nothingElseIs(path: String) throws { #expect(try status(path, FileFolder(folder.path)).0 == 404, "\(path)") }

  @Test func withoutOpenat2NoLinkIsFollowed() {
    let root = cglibc_open_directory(folder.path)
    defer { close(root) }
    for (path, error) in [
      ("a.txt", 0), ("css/style.css", 0), (".well-known/security.txt", 0), ("in.css", ELOOP), ("out.txt", ELOOP),
      ("outdir/secret.txt", ENOTDIR), ("passwd", ELOOP), ("none", ENOENT), ("none/a", ENOENT), ("a.txt/b", ENOTDIR),
      (String(repeating: "x", count: 300) + "/a", ENAMETOOLONG),
    ] {
      let file = cglibc_open_stepwise(root, path)
      #expect((file < 0 ? errno : 0) == error, "\(path)")
      if file >= 0 { close(file) }
    }
  }

  @Test func anIndexStandsForADirectory() throws {
    let folder = FileFolder(folder.path, index: "index.html")
    #expect(try status("docs/", folder) == (200, "index"))
    #expect(try status("css/", folder).0 == 404)
    #expect(try status("", folder).0 == 404)
    let response = try folder.response(path: "docs", for: Request(.get, "/static/docs?a=b"))
    #expect(response.status == .movedPermanently && response.headers[.location] == "/static/docs/?a=b")
  }

  @Test func whatMayNotBeReadIsForbidden() throws {
    folder.put("locked.txt", "x")
    chmod("\(folder.path)/locked.txt", 0)
    // The superuser may.
    #expect(try status("locked.txt", FileFolder(folder.path)).0 == (geteuid() == 0 ? 200 : 403))
  }

  @Test func aNeighbourThatIsCompressedIsSentToWhoTakesIt() throws {
    for (ending, text) in [("", "plain"), (".br", "brotli"), (".gz", "gzip")] {
      self.folder.put("app.js\(ending)", text)
    }
    let folder = FileFolder(folder.path)
    for (accepted, text, coding) in [
      (nil, "plain", nil), ("gzip", "gzip", "gzip"), ("gzip, br", "brotli", "br"), ("br;q=0.5, gzip", "gzip", "gzip"),
      ("zstd", "plain", nil), ("zstd, gzip;q=0.1", "gzip", "gzip"), ("identity", "plain", nil),
    ] as [(String?, String, String?)] {
      var headers = HTTPFields()
      headers[.acceptEncoding] = accepted
      let response = try folder.response(path: "app.js", for: Request(.get, "/app.js", headers: headers))
      #expect(try response.text == text && response.headers[.contentEncoding] == coding)
      #expect(response.headers[.vary] == "Accept-Encoding" && response.contentType == "text/javascript; charset=utf-8")
    }
    let tags = try ["gzip", "br", "identity"].map {
      try folder.response(path: "app.js", for: Request(.get, "/", headers: [.acceptEncoding: $0])).headers[.eTag]
    }
    #expect(Set(tags).count == 3)
    // What is compressed already depends on nothing.
    self.folder.put("a.png", "png")
    #expect(try folder.response(path: "a.png", for: Request(.get, "/")).headers[.vary] == nil)
    let off = FileFolder(self.folder.path, usesPrecompressed: false)
    #expect(try off.response(path: "app.js", for: Request(.get, "/", headers: [.acceptEncoding: "br"])).text == "plain")
  }

  @Test func aFolderOfThePresentDirectoryStaysThatOne() {
    let folder = FileFolder("Sources")
    #expect(folder.path.hasPrefix("/") && folder.path.hasSuffix("/Sources"))
    #expect(FileFolder("/nonexistent").exists == false)
  }
}

extension Response {
  /// The body, wherever it comes from.
  fileprivate var text: String? {
    get throws {
      var bytes: [UInt8] = []
      guard let stream = body.stream else { return body.withBytes { String(decoding: $0, as: UTF8.self) } }
      try stream.write(for: Request(.get, "/")) { bytes += $0 }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
