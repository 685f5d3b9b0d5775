internal import CPQ

/// Where the rows of a `COPY … FROM STDIN` are written to. To be used only in the closure that it is given to.
///
/// Unsafe as `Sendable`: what changes is changed in the connection's turn.
public final class PostgresCopy: @unchecked Sendable {
  private let connection: PostgresConnection
  private var unsent = 0
  /// How much libpq may hold before it has to be sent.
  private static var unsentAtMost: Int { 1 << 16 }

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Writes bytes in the format of the statement: text, CSV or binary. Parks or blocks while the server takes no more.
  public func write(_ bytes: some Sequence<UInt8>) throws {
    if try bytes.withContiguousStorageIfAvailable({ try write(UnsafeRawBufferPointer($0)) }) != nil { return }
    try [UInt8](bytes).withUnsafeBytes { try write($0) }
  }

  /// Writes text, as `write(_:)`.
  public func write(_ text: String) throws { try write(text.utf8) }

  /// Writes a row in the format `text`, which is the one that a `COPY` has unless it says another.
  ///
  /// - Throws: ``PostgresUsageError/nul``; as `write(_:)`.
  public func row<each Value: PostgresValue>(_ values: repeat each Value) throws {
    var fields: [String] = []
    for value in repeat each values { fields.append(try CopyText.field(value.postgresParameter)) }
    try write(fields.joined(separator: "\t") + "\n")
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes.bindMemory(to: CChar.self)
    while !rest.isEmpty {
      let piece = UnsafeBufferPointer(rebasing: rest.prefix(Self.unsentAtMost))
      try put(piece)
      rest = UnsafeBufferPointer(rebasing: rest.dropFirst(piece.count))
    }
  }

  private func put(_ piece: UnsafeBufferPointer<CChar>) throws {
    try connection.exclusively { native in
      guard connection.isStreaming else { throw PostgresUsageError.notCopy("FROM STDIN any more: it has ended") }
      let waiting = LibPQ.Waiting()
      while true {
        let outcome = PQputCopyData(native.pointer, piece.baseAddress, Int32(piece.count))
        if outcome < 0 { throw native.lost() }
        unsent += piece.count
        if outcome == 0 || unsent > Self.unsentAtMost {
          try native.flush(waiting)
          unsent = 0
        }
        if outcome == 1 { return }
      }
    }
  }
}

/// The format `text` of COPY: PostgreSQL's documentation of the command.
enum CopyText {
  static func field(_ parameter: PostgresParameter) throws -> String {
    switch parameter {
    case .null: "\\N"
    case .text(let text): try escaped(text)
    case .binary(let bytes): "\\\\x" + ArrayText.hexadecimal(bytes)
    }
  }

  private static func escaped(_ text: String) throws -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\0": throw PostgresUsageError.nul
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
