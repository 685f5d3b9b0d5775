import CGreenPython
import Glibc
import GreenServer

/// The Python that workers run, and where this program's native parts lie.
struct PythonInstallation {
  /// The interpreter: as the command was started by it, which also says the virtual environment.
  let interpreter: String
  /// libgreenfinch.
  let library: String

  /// The variables that `python -m greenfinch` sets before it becomes this program; by itself it is served by the first
  /// `python3` that is found.
  static var own: PythonInstallation {
    PythonInstallation(
      interpreter: variable("GREENFINCH_PYTHON") ?? "/usr/bin/python3",
      library: variable("GREENFINCH_LIBRARY") ?? besideProgram)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static var besideProgram: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return "libgreenfinch.so" }
    let program = path.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/libgreenfinch.so"
  }

  /// What workers are: the interpreter, with the library in front of it.
  var workers: WorkerImage {
    let before = Self.variable("LD_PRELOAD") ?? ""
    let preloaded = PreloadedLibrary(library)
    return WorkerImage(
      path: interpreter, arguments: [interpreter, "-m", "greenfinch._worker"],
      environment: [
        "LD_PRELOAD=\(preloaded.name)" + (before.isEmpty ? "" : ":" + before),
        "\(CGREENPYTHON_PRELOAD_BEFORE)=\(before)",
      ],
      descriptors: preloaded.folder.map { [$0] } ?? [],
      forkServer: [interpreter, "-m", "greenfinch._fork_server"])
  }
}
