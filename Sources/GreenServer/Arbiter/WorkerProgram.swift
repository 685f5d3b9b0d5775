import CProcess
import Glibc
import SystemPackage

/// What the workers of one generation run: a program, and the settings that they take over.
struct WorkerProgram {
  /// The program's file; -1 for the one that runs in this process, which is the same also where its file was replaced.
  let descriptor: CInt
  /// What goes into ``InheritedSettings/variable``; `nil` where the program reads no settings.
  let settings: String?

  /// This process's own.
  static var running: WorkerProgram {
    WorkerProgram(descriptor: -1, settings: SettingsReading.current.map { InheritedSettings.text(of: $0.first) })
  }

  /// The program's file, as errors tell it.
  var path: String { String(cString: descriptor < 0 ? cprocess_image_path() : cprocess_image_file()) }

  /// What is on disk now where this process's program was started from. Throws ``SystemCallError``.
  static func onDisk(settings: String?) throws(SystemCallError) -> WorkerProgram {
    let descriptor = cprocess_image_open()
    if descriptor < 0 {
      throw SystemCallError("open of \(String(cString: cprocess_image_file()))", Errno(rawValue: errno))
    }
    return WorkerProgram(descriptor: descriptor, settings: settings)
  }

  func close() { if descriptor >= 0 { Glibc.close(descriptor) } }
}
