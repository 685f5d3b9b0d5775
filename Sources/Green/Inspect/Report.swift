internal import CReport

/// What the runtime has to say, where nobody asked: on standard error, which nobody has to read. Never waits longer than
/// a tenth of a second for a reader, once; what is lost is counted, and told with the next line.
package enum Report {
  /// Writes a message of the runtime's, one line or several, which says whose it is.
  package static func message(_ text: String) { line(CREPORT_PREFIX + text) }

  /// Writes the text, one line or several, and its end.
  package static func line(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { creport_line($0.baseAddress, $0.count) }
    }
  }
}
