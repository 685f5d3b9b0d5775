internal import CPQ
internal import Green

/// Where a database is and how to get there, as libpq understands it: `postgresql://user@host:5432/name?sslmode=require`, or
/// `host=… dbname=…`, or nothing, with the rest from the environment (`PGHOST` …). PostgreSQL's documentation, 34.1.1.
struct ConnectionAddress: Sendable {
  private var parameters: [(name: String, value: String)]

  init(_ text: String) throws {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      defer { PQfreemem(message) }
      throw PostgresConnectionError.address(message.map { String(cString: $0) } ?? "memory is short")
    }
    defer { PQconninfoFree(options) }
    parameters = Self.values(options)
    parameters.append(("client_encoding", "UTF8"))
    if value("fallback_application_name") == nil { parameters.append(("fallback_application_name", "greenfinch")) }
  }

  private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [(name: String, value: String)] {
    var (values, option): ([(name: String, value: String)], _) = ([], options)
    while let name = option.pointee.keyword {
      if let value = option.pointee.val { values.append((String(cString: name), String(cString: value))) }
      option += 1
    }
    return values
  }

  private func value(_ name: String) -> String? { parameters.last { $0.name == name }?.value }

  /// The parameters, with the names of hosts looked up: libpq would block the thread for that.
  func resolved(until deadline: Deadline) throws -> [(name: String, value: String)] {
    if value("hostaddr") != nil || value("service") != nil { return parameters }
    var defaults: [(name: String, value: String)] = []
    if let options = PQconndefaults() {
      defer { PQconninfoFree(options) }
      defaults = Self.values(options)
    }
    func setting(_ name: String) -> String? { value(name) ?? defaults.last { $0.name == name }?.value }
    guard let hosts = setting("host"), !hosts.isEmpty, setting("hostaddr") == nil else { return parameters }
    let ports = (setting("port") ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let found = try Self.addresses(
      of: hosts.split(separator: ",", omittingEmptySubsequences: false).map(String.init), ports, until: deadline)
    let others = parameters.filter { !["host", "port"].contains($0.name) }
    return others + [
      ("host", found.map(\.host).joined(separator: ",")), ("hostaddr", found.map(\.address).joined(separator: ",")),
      ("port", found.map(\.port).joined(separator: ",")),
    ]
  }

  /// A row for each address. A folder of sockets has none.
  private static func addresses(of hosts: [String], _ ports: [String], until deadline: Deadline) throws
    -> [(host: String, address: String, port: String)]
  {
    var rows: [(host: String, address: String, port: String)] = []
    var failure: ResolverError?
    for (index, host) in hosts.enumerated() {
      let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
      if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") {
        rows.append((host, "", port))
        continue
      }
      do {
        rows += try Resolver.addresses(of: host, port: 0, until: deadline).map { (host, $0.host, port) }
      } catch let error as ResolverError {
        failure = error
      }
    }
    // One of several hosts may be unknown.
    if let failure, rows.isEmpty { throw failure }
    return rows
  }
}
