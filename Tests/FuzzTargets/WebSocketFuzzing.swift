internal import GreenHTTP
internal import GreenWebSocket

/// A WebSocket of a server, with and without compression, that sends back what it receives.
enum WebSocketFuzzing {
  static func complaint(_ bytes: [UInt8], choice: UInt8) -> String? {
    let compresses = choice & 1 != 0
    let whole = outcome(bytes, piece: 0, compresses)
    let pieces = outcome(bytes, piece: 1 + Int(choice) / 2, compresses)
    return whole == pieces ? nil : "whole: \(whole)\nin pieces: \(pieces)"
  }

  private static func outcome(_ bytes: [UInt8], piece: Int, _ compresses: Bool) -> [String] {
    let notes = Notes()
    let stream = PieceStream(Array(head(compresses).utf8) + bytes, piece: piece)
    let outcome = HTTPConnection(stream: stream, application: Handler { try open($0, notes) }).serve()
    if case .handedOver(let connection) = outcome { connection.speak { notes.lines.append("\($0)") } }
    return notes.lines
  }

  private static func head(_ compresses: Bool) -> String {
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
      + (compresses ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "") + "\r\n"
  }

  private static func open(_ request: Request, _ notes: Notes) throws -> Response {
    var configuration = WebSocketConfiguration()
    configuration.maximumMessage = 70_000
    return try .webSocket(request, configuration: configuration) { socket in
      defer { notes.lines.append("\(socket.closeCode.map { "\($0)" } ?? "open") \(socket.closeReason)") }
      while let message = try socket.receive() {
        notes.lines.append("\(message)")
        // A peer that has closed takes no more.
        try? socket.send(message)
      }
    }
  }
}
