internal import CGlibc
internal import Glibc
public import HTTPTypes
internal import SystemPackage

/// A folder whose files are served by name, and nothing outside it.
///
/// ```swift
/// let folder = FileFolder("public")
/// app.get("/static/{path...}") { request in
///   try folder.response(path: request.parameters.require("path"), for: request)
/// }
/// ```
///
/// Names that begin with a dot are hidden, apart from `.well-known` (RFC 8615). A symbolic link is followed if it stays in the
/// folder (`openat2(2)`; kernels without it follow none). Directories, FIFOs and devices are not there.
public struct FileFolder: Sendable, Hashable {
  /// Where it is.
  public let path: String
  /// The file that stands for a directory, such as `index.html`; `nil` for none.
  public var index: String?
  /// Whether `style.css.br`, `.zst` or `.gz`, where one is there, is sent for `style.css` to a client that takes it.
  public var usesPrecompressed: Bool
  /// Further fields of each answer, such as `Cache-Control`.
  public var headers: HTTPFields

  /// A folder. A path that does not begin with `/` is one from the present working directory, whatever becomes of that.
  public init(
    _ path: String, index: String? = nil, usesPrecompressed: Bool = true, headers: HTTPFields = HTTPFields()
  ) {
    self.path = path.utf8.first == UInt8(ascii: "/") ? path : "\(Self.workingDirectory)/\(path)"
    self.index = index
    self.usesPrecompressed = usesPrecompressed
    self.headers = headers
  }

  private static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  /// Whether it is there.
  public var exists: Bool {
    let descriptor = cglibc_open_directory(path)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }

  /// The answer with the file of a name: see ``File/response(for:)``. For a directory it is the one with its
  /// ``index``, after the client has been led to the name with `/` at its end.
  ///
  /// - Parameters:
  ///   - name: relative to the folder, decoded: `css/style.css`.
  ///   - request: what is answered.
  /// - Throws: as ``File/response(for:)``.
  public func response(path name: String, for request: Request) throws -> Response {
    guard var name = Self.checked(name) else { throw HTTPError(.notFound) }
    let root = cglibc_open_directory(path)
    guard root >= 0 else { throw Errno(rawValue: errno) }
    defer { close(root) }
    if name.isEmpty || name.utf8.last == UInt8(ascii: "/") {
      guard let index else { throw HTTPError(.notFound) }
      name += index
    }
    let file: OpenFile
    do {
      file = try OpenFile(adopting: cglibc_open_beneath(root, name))
    } catch Errno.isDirectory where index != nil {
      // So that what the index refers to is found beneath the directory.
      let query = request.rawQuery.map { "?\($0)" } ?? ""
      return Response(HTTPError(.movedPermanently, headers: [.location: "\(request.rawPath)/\(query)"]))
    } catch {
      throw OpenFile.failure(error)
    }
    return response(with: file, name, root, for: request)
  }

  private func response(with file: OpenFile, _ name: String, _ root: CInt, for request: Request) -> Response {
    let type = MediaType.ofFile(named: name)
    guard usesPrecompressed, MediaType.isCompressible(type) else { return file.response(type, headers, for: request) }
    var headers = headers
    headers.addVary("Accept-Encoding")
    let accepted = AcceptEncoding(request.header(.acceptEncoding))
    var codings = ["br", "zstd", "gzip"]
    while let coding = accepted.best(of: codings) {
      let ending = coding == "br" ? ".br" : coding == "zstd" ? ".zst" : ".gz"
      if let coded = try? OpenFile(adopting: cglibc_open_beneath(root, name + ending)) {
        headers[.contentEncoding] = coding
        return coded.response(type, headers, for: request)
      }
      codings.removeAll { $0 == coding }
    }
    return file.response(type, headers, for: request)
  }

  /// A name that leads nowhere but into the folder; `nil` for any other. It may end in `/`.
  static func checked(_ name: String) -> String? {
    if name.isEmpty { return name }
    let slash = UInt8(ascii: "/")
    var segments = name.utf8.split(separator: slash, omittingEmptySubsequences: false)
    if segments.last?.isEmpty ?? false { segments.removeLast() }
    for (place, segment) in segments.enumerated() {
      if segment.isEmpty || segment.contains(0) { return nil }
      if segment.first == UInt8(ascii: "."), !(place == 0 && segment.elementsEqual(".well-known".utf8)) { return nil }
    }
    return name
  }
}

extension FileFolder: ExpressibleByStringLiteral {
  /// The folder at a path.
  public init(stringLiteral path: String) { self.init(path) }
}

extension HTTPFields {
  /// Adds a name to what `Vary` lists (RFC 9110, 12.5.5), unless it is there.
  package mutating func addVary(_ name: String) {
    guard let listed = self[.vary], !listed.isEmpty else { return self[.vary] = name }
    if !listed.lists(name.lowercased()) && !listed.lists("*") { self[.vary] = "\(listed), \(name)" }
  }
}
