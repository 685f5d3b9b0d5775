internal import Foundation

/// A folder of a server's own, gone with the server.
final class ServerFolder {
  let path: String

  init() throws {
    var name = Array("/tmp/greenfinch-server-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw ServerFailure("no temporary folder can be made") }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Why a server that a test needs is not there.
public struct ServerFailure: Error, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
