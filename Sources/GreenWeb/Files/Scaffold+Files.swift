public import GreenHTTP
internal import HTTPTypes

extension Scaffold {
  /// Serves the files of a folder below a path, to `GET` and `HEAD`.
  ///
  /// ```swift
  /// app.files("/static", from: "public")
  /// app.files("/", from: FileFolder("site", index: "index.html"))
  /// ```
  ///
  /// Only what lies in the folder is reached: no `..`, no link that leads out, no name with a dot at its beginning, no escaped
  /// slash. A route that is written out goes before. A folder that is not there ends the program: it is part of it.
  ///
  /// - Parameters:
  ///   - path: where the files appear; `/` for all paths that nothing else answers.
  ///   - folder: see ``/GreenHTTP/FileFolder``.
  public func files(_ path: String, from folder: FileFolder) {
    guard folder.exists else {
      fatalError("the files for '\(path)' cannot be served: there is no folder \(folder.path)")
    }
    let prefix = path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path
    get("\(prefix)/{path...}") { request -> Response in
      // Proxies and caches differ in whether it is a slash.
      if request.rawPath.lowercased().contains("%2f") { throw HTTPError(.notFound) }
      return try folder.response(path: request.parameters.require("path"), for: request)
    }
    guard folder.index != nil else { return }
    get("\(prefix)/") { request -> Response in try folder.response(path: "", for: request) }
    if !prefix.isEmpty {
      get(prefix) { request -> Response in
        Response(HTTPError(.movedPermanently, headers: [.location: "\(request.rawPath)/"]))
      }
    }
  }
}

/// The file, or what the client's conditions and ranges make of it.
extension File: ResponseConvertible {}
