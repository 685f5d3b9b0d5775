internal import Glibc

/// The kinds of sockets that a service is offered over: for each address of a host, `getaddrinfo(3)` gives a row for
/// each of them.
struct ServiceRow: Equatable {
  let socketType: CInt
  let protocolNumber: CInt
  let port: UInt16

  /// The kinds that the C library knows, in its order.
  private struct Kind {
    let socketType: CInt
    let protocolNumber: CInt
    /// As `/etc/services` has it.
    let transport: String
    /// Whether it is given where neither type nor protocol is asked for.
    let isCommon: Bool
    /// A raw socket takes any protocol, and has no services.
    var isRaw: Bool { transport == "raw" }
  }

  private static let kinds = [
    Kind(socketType: 1, protocolNumber: 6, transport: "tcp", isCommon: true),
    Kind(socketType: 2, protocolNumber: 17, transport: "udp", isCommon: true),
    Kind(socketType: 6, protocolNumber: 33, transport: "dccp", isCommon: false),
    Kind(socketType: 2, protocolNumber: 136, transport: "udplite", isCommon: false),
    Kind(socketType: 1, protocolNumber: 132, transport: "sctp", isCommon: false),
    Kind(socketType: 5, protocolNumber: 132, transport: "sctp", isCommon: false),
    Kind(socketType: 3, protocolNumber: 0, transport: "raw", isCommon: true),
  ]

  /// The rows of a service for the type and the protocol that the hints name.
  ///
  /// - Parameter service: a port's number or a name; `nil` or empty for port 0.
  /// - Throws: `EAI_SOCKTYPE`, `EAI_SERVICE`, or `EAI_NONAME` for a name that must be a number.
  static func rows(_ service: String?, _ hints: AddressHints, services: () -> ServicesFile) throws(ResolverError)
    -> [ServiceRow]
  {
    let name = service ?? ""
    let port = port(name)
    if case .name = port, hints.flags & AI_NUMERICSERV != 0 { throw failure(EAI_NONAME, name, "it is not a number") }
    let isAny = hints.socketType == 0 && hints.protocolNumber == 0
    let wanted = kinds.filter { kind in
      (hints.socketType == 0 || hints.socketType == kind.socketType)
        && (hints.protocolNumber == 0 || kind.isRaw || hints.protocolNumber == kind.protocolNumber)
    }
    guard let first = wanted.first else {
      let combination = "sockets of type \(hints.socketType) with protocol \(hints.protocolNumber)"
      throw failure(
        hints.socketType != 0 ? EAI_SOCKTYPE : EAI_SERVICE, name, "no service is offered over \(combination)")
    }
    if first.isRaw && !isAny && !name.isEmpty { throw failure(EAI_SERVICE, name, "raw sockets have no services") }
    let rows: [ServiceRow]
    switch port {
    case .number(let port): rows = (isAny ? kinds.filter(\.isCommon) : [first]).map { row($0, hints, port) }
    case .outside: throw failure(EAI_SERVICE, name, "ports are numbers from 0 to 65535")
    case .name:
      let file = services()
      rows = (isAny ? kinds.filter { !$0.isRaw } : [first]).compactMap { kind in
        file.port(of: name, over: kind.transport).map { row(kind, hints, $0) }
      }
    }
    if rows.isEmpty { throw failure(EAI_SERVICE, name, "/etc/services has no service of that name") }
    return rows
  }

  private static func row(_ kind: Kind, _ hints: AddressHints, _ port: UInt16) -> ServiceRow {
    ServiceRow(
      socketType: kind.socketType, protocolNumber: kind.isRaw ? hints.protocolNumber : kind.protocolNumber, port: port)
  }

  private enum Port {
    case number(UInt16)
    /// A number that is not a port: an error here, where the C library cuts it to 16 bits.
    case outside
    case name
  }

  /// As `strtoul(3)` reads it: white space and a sign may stand before the number.
  private static func port(_ service: String) -> Port {
    if service.isEmpty { return .number(0) }
    var digits = service.utf8.drop(while: Fields.isSpace)
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return .name
    }
    guard !isNegative, let port = UInt16(String(decoding: digits, as: UTF8.self)) else { return .outside }
    return .number(port)
  }

  private static func failure(_ code: CInt, _ service: String, _ reason: String) -> ResolverError {
    .failed(service, code: code, reason)
  }
}
