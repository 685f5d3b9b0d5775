import Glibc
import Green
import SystemPackage

/// A build that runs. What it says is passed on to standard error as it comes, and the end of it is kept.
final class Build {
  let began: Int64
  private let process: ChildProcess
  private let output: ChildPipe
  /// The last of what it has said.
  private var said: [UInt8] = []
  private static let mostKept = 65_536

  var pid: pid_t { process.pid }
  /// Readable when it has said something; `nil` once it says no more.
  var descriptor: CInt? { isSilent ? nil : output.descriptor }
  private var isSilent = false

  /// Starts it. Throws ``ReloadFault``.
  init(_ command: BuildCommand, at now: Int64) throws(ReloadFault) {
    began = now
    do {
      process = try ChildProcess.spawn(
        command.words, input: .null, output: .pipe, error: .output, workingDirectory: command.package, group: .new)
    } catch {
      throw ReloadFault("\(command.shown) cannot be run: \(error)")
    }
    guard let output = process.standardOutput else { throw ReloadFault("\(command.shown) has no output") }
    self.output = output
  }

  /// Passes on what it has said since.
  func passOn() {
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { room in
      while !isSilent, case let count = read(output.descriptor, room.baseAddress, room.count), count >= 0 {
        if count == 0 { isSilent = true }
        let piece = UnsafeRawBufferPointer(rebasing: room[..<count])
        // To a terminal or a pipe that takes no more it is not said.
        LogFile.standardError.write(piece)
        said += piece
        if said.count > 2 * Self.mostKept { said.removeFirst(said.count - Self.mostKept) }
      }
    }
  }

  /// Ends it, with what it has started.
  func kill() { try? process.killGroup(.terminate) }

  /// What the compiler has complained about, each once, in its order; the last lines where it has named nothing.
  var complaints: [String] { Self.complaints(in: String(decoding: said, as: UTF8.self)) }

  static func complaints(in text: String) -> [String] {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    var seen: Set<String> = []
    // Below a complaint the line is shown again, with what it is about.
    let errors = lines.filter { $0.contains("error: ") && !$0.hasPrefix(" ") && seen.insert($0).inserted }
    return Array((errors.isEmpty ? lines.suffix(5) : errors[...]).prefix(20))
  }
}
