internal import Foundation

/// A server that an example is a client of, in a process of its own with a folder of its own, on a free loopback port. It
/// ends with the object.
public final class Service {
  /// What tells the example where it is.
  public let environment: [String: String]
  private let folder: TemporaryFolder?
  private let process: Child?
  private let stopSignal: Int32

  /// No server at all.
  package init() { (environment, folder, process, stopSignal) = ([:], nil, nil, SIGTERM) }

  /// Starts a program and waits until it is ready.
  package init(
    _ folder: TemporaryFolder, _ path: String, _ arguments: [String], environment: [String: String],
    stopSignal: Int32 = SIGTERM, isReady: () throws -> Bool
  ) throws {
    let log = folder.path + "/log"
    let process = try Child(path, arguments, log: log)
    self.environment = environment
    self.folder = folder
    self.process = process
    self.stopSignal = stopSignal
    for _ in 0..<1500 {
      guard process.isRunning else { break }
      if try isReady() { return }
      usleep(20_000)
    }
    process.end(stopSignal)
    throw Failure("\(path) does not start:\n\(text(ofFile: log))")
  }

  deinit { process?.end(stopSignal) }
}

/// A folder that ends with the object, and with all in it.
public final class TemporaryFolder {
  public let path: String

  public init() throws {
    var name = Array("/tmp/greenfinch-example-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw Failure("mkdtemp: \(String(cString: strerror(errno)))") }
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
