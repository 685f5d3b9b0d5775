import Glibc

/// Swift's backtraces of workers that crash: the runtime catches crashes where `SWIFT_BACKTRACE` says so before the
/// program begins, and has a program of the toolchain tell the calls. It costs nothing until then.
///
/// The runtime looks for that program beside its own library only, and complains in each process that does not find it;
/// the master looks where else it may be, and asks for backtraces only where it is.
enum Backtracer {
  /// The variable for a worker's environment; `nil` where the operator has set it, or where there is no backtracer.
  static let variable: String? = {
    if getenv("SWIFT_BACKTRACE") != nil { return nil }
    guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
    return
      "SWIFT_BACKTRACE=enable=yes,interactive=no,color=no,registers=none,output-to=stderr,swift-backtrace=\(program)"
  }()

  /// Whether a worker that is aborted tells its calls before it ends, which takes a second or two, and more where the
  /// machine is busy. A program of another language has its own ways, and gets ``variable`` from nobody.
  static func isExpected(of image: WorkerImage?) -> Bool {
    if !isDecided { return image == nil }
    return getenv("SWIFT_BACKTRACE").map { String(cString: $0).contains("enable=yes") } == true
  }

  /// Whether somebody has said whether the runtime tells the calls of this process if it crashes.
  static var isDecided: Bool { getenv("SWIFT_BACKTRACE") != nil }

  private static let names = ["swift-backtrace-static", "swift-backtrace"]

  /// Beside this program, which may have been installed without a toolchain; and where the search path has a toolchain. A
  /// comma would end the setting.
  private static var candidates: [String] {
    var directories: [String] = []
    if let program = realPath("/proc/self/exe") { directories.append(directory(of: program)) }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    for entry in path.split(separator: ":") {
      directories.append(String(entry))
      if let swift = realPath("\(entry)/swift") {
        directories.append(directory(of: swift) + "/../libexec/swift/linux")
      }
    }
    return directories.flatMap { directory in names.map { "\(directory)/\($0)" } }.filter { !$0.contains(",") }
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func directory(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}
