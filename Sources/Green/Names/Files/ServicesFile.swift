/// `/etc/services`: the names of ports, `services(5)`.
struct ServicesFile {
  private struct Key: Hashable {
    let name: String
    let transport: String
  }

  private var ports: [Key: UInt16] = [:]
  private var names: [Key: String] = [:]

  init(_ bytes: [UInt8]) {
    for line in Fields.lines(bytes) {
      let fields = Fields.texts(line)
      guard fields.count > 1 else { continue }
      let parts = fields[1].split(separator: "/", maxSplits: 1)
      guard parts.count == 2, let port = UInt16(parts[0]) else { continue }
      let transport = String(parts[1])
      // The first line that has a name, or a port, counts.
      for name in [fields[0]] + fields.dropFirst(2) {
        let key = Key(name: name, transport: transport)
        if ports[key] == nil { ports[key] = port }
      }
      let key = Key(name: "\(port)", transport: transport)
      if names[key] == nil { names[key] = fields[0] }
    }
  }

  /// The port of a service or of one of its aliases, over a transport ("tcp", "udp"): `getservbyname(3)`.
  func port(of name: String, over transport: String) -> UInt16? { ports[Key(name: name, transport: transport)] }

  /// The service of a port: `getservbyport(3)`.
  func name(of port: UInt16, over transport: String) -> String? { names[Key(name: "\(port)", transport: transport)] }
}
