import Glibc
import GreenHTTP

/// Applications of both kinds, each under a path of its own. Which of its kind answers, Python's side finds out by the same rule.
struct MountedApplication: Application {
  struct Mount: Sendable {
    /// As decoded, without a slash at its end; empty for everything.
    let path: [UInt8]
    let isASGI: Bool

    func has(_ path: some RandomAccessCollection<UInt8>) -> Bool {
      path.starts(with: self.path) && (path.count == self.path.count || path.dropFirst(self.path.count).first == slash)
    }
  }

  let calls: CallApplication
  let loop = LoopApplication()
  /// The longest path first.
  let mounts: [Mount]
  private let root = Self.configuredRoot

  func respond(to request: Request) throws -> Response {
    let isASGI = mounts.first { $0.has(path(of: request)) }?.isASGI ?? false
    return isASGI ? try loop.respond(to: request) : try calls.respond(to: request)
  }

  /// Decoded, and without what the server itself is set to be mounted at. What a proxy has taken off is not in it any more.
  private func path(of request: Request) -> ArraySlice<UInt8> {
    let parts = request.parts
    let encoded = UnsafeRawBufferPointer(start: parts.base + parts.path.lowerBound, count: parts.path.count)
    let path = Array(PercentEncoding.decodedLeniently(encoded).utf8)[...]
    let mount = Mount(path: root, isASGI: false)
    return mount.has(path) ? path.dropFirst(root.count) : path
  }

  private static var configuredRoot: [UInt8] {
    let text = PythonWorker.configuration.text(named: "root_path") ?? getenv("SCRIPT_NAME").map { String(cString: $0) }
    var bytes = Array((text ?? "").utf8)
    while bytes.last == slash { bytes.removeLast() }
    return bytes
  }
}

private let slash = UInt8(ascii: "/")
