import Glibc
import Green

/// `ctl top`: the server's figures again and again, in a terminal in the same place.
struct TopView {
  private let server: ControlConnection
  private let line: ControlLine
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  init(_ server: ControlConnection, _ line: ControlLine) {
    self.server = server
    self.line = line
  }

  /// Shows them until the count of looks is reached, or the server has gone.
  func show() throws(ControlFault) {
    // What is shown besides a terminal is looked at once, after a first look, since rates take two.
    let count = line.count ?? (isTerminal ? Int.max : 1)
    if !isTerminal { _ = try look() }
    for number in 0..<count {
      if number > 0 || !isTerminal { pause() }
      put(try look())
    }
  }

  private func look() throws(ControlFault) -> String {
    let (rows, columns) = window
    let reply = try server.ask(line.request + " rows=\(rows) columns=\(columns)")
    if reply.isError { throw ControlFault(String(reply.text.split(separator: "\n").first ?? "")) }
    return reply.text
  }

  private func put(_ frame: String) {
    guard isTerminal && !line.isJSON else { return writeAll(frame, to: STDOUT_FILENO) }
    // Home, each line to its end, and what is left below: no flicker, as clearing everything would make.
    let lines = frame.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\u{1b}[K" }
    writeAll("\u{1b}[H" + lines.joined(separator: "\n") + "\u{1b}[J", to: STDOUT_FILENO)
  }

  private func pause() { try? Fiber.sleep(for: .nanoseconds(Int64(line.interval * 1e9))) }

  /// Lines and columns to fill; the last line stays free for the cursor.
  private var window: (rows: Int, columns: Int) {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 1, size.ws_col > 0 else {
      return (1000, 1000)
    }
    return (Int(size.ws_row) - 1, Int(size.ws_col))
  }
}
