import Green
import HTTPTypes

/// What a line of the access log says: gunicorn's format language, compiled once to a list of pieces.
///
/// `%(h)s` is an atom, `%({referer}i)s` a field of the request, `%({etag}o)s` one of the answer, `%({REMOTE_PORT}e)s` a
/// variable of CGI's or WSGI's, `%%` a percent sign, and `\t` a tab. What there is not is `-`.
struct AccessLogFormat: Sendable, Equatable {
  enum Piece: Sendable, Equatable {
    case text(String)
    case atom(AccessAtom)
    case requestField(HTTPField.Name)
    case responseField(HTTPField.Name)
    case variable(AccessVariable)
  }

  let pieces: [Piece]

  /// gunicorn's: the combined log format.
  static let standard = #"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s""#

  /// The line with its newline. `time` is the present one, as ``LocalTime/commonLog`` has it.
  func line(_ record: AccessRecord, at time: String) -> String {
    var line = ""
    line.reserveCapacity(192)
    for piece in pieces {
      switch piece {
      case .text(let text): line += text
      case .atom(let atom): atom.append(record, at: time, to: &line)
      case .requestField(let name): line += LogText.escaped(record.request?.header(name) ?? "-")
      case .responseField(let name): line += LogText.escaped(record.responseField(name) ?? "-")
      case .variable(let variable): line += LogText.escaped(variable.value(in: record) ?? "-")
      }
    }
    line += "\n"
    return line
  }
}

extension AccessLogFormat {
  /// Reads a format; throws what is wrong with it, to follow its text in a sentence.
  init(_ text: String) throws(SettingFault) {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      if character == "\\", rest.first == "t" {
        rest.removeFirst()
        plain += "\t"
        continue
      }
      guard character == "%" else {
        plain.append(character)
        continue
      }
      if rest.first == "%" {
        rest.removeFirst()
        plain += "%"
        continue
      }
      let piece = try Self.piece(&rest)
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = ""
      pieces.append(piece)
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.pieces = pieces
  }

  /// What follows a percent sign: `(name)s`.
  private static func piece(_ rest: inout Substring) throws(SettingFault) -> Piece {
    guard rest.first == "(", let end = rest.firstIndex(of: ")") else {
      throw SettingFault("in which a % is followed neither by (NAME)s nor by another %")
    }
    let name = rest[rest.index(after: rest.startIndex)..<end]
    rest = rest[rest.index(after: end)...]
    guard let conversion = rest.popFirst(), conversion == "s" || conversion == "d" else {
      throw SettingFault("in which %(\(name)) is not followed by s")
    }
    if let atom = AccessAtom(rawValue: String(name)) { return .atom(atom) }
    if name.hasPrefix("{"), name.dropLast().hasSuffix("}"), let piece = Self.piece(in: name) { return piece }
    let atoms = AccessAtom.allCases.map(\.rawValue).joined(separator: " ")
    throw SettingFault(
      "in which there is %(\(name))s: there are \(atoms), {FIELD}i of the request, {FIELD}o of the answer "
        + "and {VARIABLE}e")
  }

  /// `{name}i` and its like.
  private static func piece(in name: Substring) -> Piece? {
    let inner = String(name.dropFirst().dropLast(2))
    switch name.last {
    case "i": return HTTPField.Name(inner).map { .requestField($0) }
    case "o": return HTTPField.Name(inner).map { .responseField($0) }
    case "e": return AccessVariable(inner).map { .variable($0) }
    default: return nil
    }
  }
}
