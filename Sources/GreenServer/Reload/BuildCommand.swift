import CProcess
import Glibc

/// What builds the program that runs, and where.
struct BuildCommand: Equatable {
  /// The folder of Package.swift, in which it is run.
  let package: String
  let words: [String]
  /// As a person types it.
  var shown: String

  /// What builds `program`, the absolute path of a file that `swift build` has made: `…/.build/debug/app`, with the folder of
  /// a target's system between where no link leads past it.
  ///
  /// - Parameters:
  ///   - command: what the settings say builds it; `nil` for `swift build`.
  ///   - isStatic: whether the program has Swift's runtime in itself.
  ///   - exists: whether there is a file at a path.
  /// - Throws: ``ReloadFault`` where that cannot be known.
  init(
    for program: String, command: String?, isStatic: Bool, exists: (String) -> Bool
  ) throws(ReloadFault) {
    let path = program.split(separator: "/").map(String.init)
    guard let depth = path.indices.reversed().first(where: { exists(Self.joined(path[..<$0]) + "/Package.swift") })
    else {
      throw ReloadFault("there is no Package.swift above \(program), of whose sources it could be built")
    }
    package = Self.joined(path[..<depth])
    if let command {
      words = ["/bin/sh", "-c", command]
      shown = command
      return
    }
    guard path.count > depth + 2, let name = path.last, ["debug", "release"].contains(path[path.count - 2]) else {
      throw ReloadFault("swift build does not put a program at \(program): say how it is built by --reload-command")
    }
    var scratch = path.count - 2
    // x86_64-unknown-linux-gnu
    if path[scratch - 1].split(separator: "-").count >= 3 && scratch - 1 > depth { scratch -= 1 }
    var words = ["swift", "build", "--configuration", path[path.count - 2], "--product", name]
    let folder = Self.joined(path[..<scratch])
    if folder != package + "/.build" { words += ["--scratch-path", folder] }
    if isStatic { words.append("--static-swift-stdlib") }
    self.words = words
    shown = words.joined(separator: " ")
  }

  private static func joined(_ parts: some Collection<String>) -> String { "/" + parts.joined(separator: "/") }

  /// What builds this process's program.
  static func own(_ configuration: Configuration) throws(ReloadFault) -> BuildCommand {
    try BuildCommand(
      for: String(cString: cprocess_image_file()), command: configuration.reloadCommand, isStatic: !loadsRuntime,
      exists: { access($0, R_OK) == 0 })
  }

  /// Whether Swift's runtime is a library that this process has loaded.
  private static var loadsRuntime: Bool {
    guard let library = dlopen("libswiftCore.so", RTLD_LAZY | RTLD_NOLOAD) else { return false }
    dlclose(library)
    return true
  }
}
