import CProcess
import Glibc
import SystemPackage

/// What the workers of one generation run: a program, and the settings that they take over.
struct WorkerProgram {
  /// The program's file; -1 for the one that runs in this process, which is the same also where its file was replaced.
  let descriptor: CInt
  /// The program where it is another one than the master's.
  let image: WorkerImage?
  /// What the environment has more than the master's.
  let variables: [String]
  /// What becomes of standard input, output and error; -1 for the master's.
  let streams: CInt
  /// What the workers are forked from; `nil` where each is started by itself.
  let forkServer: ForkServer?

  private init(_ descriptor: CInt, _ configuration: Configuration, settings: String?) throws {
    self.descriptor = descriptor
    image = configuration.workerImage
    var variables = configuration.environment + (image?.environment ?? [])
    if let settings { variables.append("\(InheritedSettings.variable)=" + settings) }
    if let owner = try configuration.owner(), !owner.isOwn { variables.append(owner.assignment) }
    if let notice = BuildNotice.assignment { variables.append(notice) }
    self.variables = variables
    streams = BackgroundServer.workerStreams
    guard let image, let arguments = image.forkServer, configuration[python: \.preload] else {
      forkServer = nil
      return
    }
    let (common, streams) = (variables, streams)
    forkServer = try ForkServer { variable in
      ProcessStart(
        path: image.path, arguments: arguments, variables: [variable] + common, inherited: image.descriptors,
        streams: streams)
    }
  }

  /// This process's own. Throws ``ConfigurationError``, and ``SystemCallError`` where the workers are to be forked.
  static func running(_ configuration: Configuration) throws -> WorkerProgram {
    try WorkerProgram(-1, configuration, settings: SettingsReading.current.map { InheritedSettings.text(of: $0.first) })
  }

  /// What is on disk now where this process's program was started from. Throws ``SystemCallError`` and
  /// ``ConfigurationError``.
  ///
  /// - Parameters:
  ///   - configuration: what the program's own settings and those that were read make together.
  ///   - fresh: what was read; `nil` where the program reads no settings.
  static func onDisk(_ configuration: Configuration, fresh: Configuration?) throws -> WorkerProgram {
    if configuration.workerImage != nil {
      return try WorkerProgram(-1, configuration, settings: fresh.map(InheritedSettings.text))
    }
    let descriptor = cprocess_image_open()
    if descriptor < 0 {
      throw SystemCallError("open of \(String(cString: cprocess_image_file()))", Errno(rawValue: errno))
    }
    do {
      return try WorkerProgram(descriptor, configuration, settings: fresh.map(InheritedSettings.text))
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    forkServer?.end()
  }
}
