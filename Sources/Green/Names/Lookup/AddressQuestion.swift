internal import CGlibc
internal import Glibc

/// One call of `getaddrinfo(3)`, checked: what can be answered in place, and what must be looked up.
struct AddressQuestion {
  let host: String?
  let service: String?
  /// With the family narrowed to what this machine has addresses of.
  private(set) var hints: AddressHints
  private(set) var rows: [ServiceRow] = []

  /// - Throws: what `getaddrinfo` says about arguments that do not go together: `EAI_BADFLAGS`, `EAI_FAMILY`,
  ///   `EAI_SERVICE`, `EAI_SOCKTYPE`, `EAI_NONAME`.
  init(host: String?, service: String?, _ hints: AddressHints, _ names: NameService) throws(ResolverError) {
    self.host = host == "*" ? nil : host
    self.service = service == "*" ? nil : service
    self.hints = hints
    let name = host ?? service ?? ""
    if self.host == nil && self.service == nil {
      throw .failed(name, code: EAI_NONAME, "neither a host nor a service was asked for")
    }
    if hints.flags & ~AddressHints.knownFlags != 0 {
      throw .failed(name, code: EAI_BADFLAGS, "the flags \(hints.flags) are not all known")
    }
    if hints.flags & AI_CANONNAME != 0 && self.host == nil {
      throw .failed(name, code: EAI_BADFLAGS, "a canonical name was asked for, but no host")
    }
    guard [AF_UNSPEC, AF_INET, AF_INET6].contains(hints.family) else {
      throw .failed(name, code: EAI_FAMILY, "the address family \(hints.family) is not supported")
    }
    for text in [self.host, self.service] where text?.utf8.contains(0) ?? false {
      throw .invalidName(text ?? "", "it contains a null byte")
    }
    if hints.flags & AI_ADDRCONFIG != 0 { try narrow(name, names.network) }
    rows = try ServiceRow.rows(self.service, self.hints, services: { names.services })
  }

  /// `AI_ADDRCONFIG`: families of which this machine has an address other than loopback; where it has none at all, both.
  private mutating func narrow(_ name: String, _ network: NetworkView) throws(ResolverError) {
    switch hints.family {
    case AF_INET where !network.hasIPv4, AF_INET6 where !network.hasIPv6:
      throw .failed(name, code: EAI_NONAME, "this machine has no address of that family")
    case AF_UNSPEC where network.hasIPv4 != network.hasIPv6: hints.family = network.hasIPv4 ? AF_INET : AF_INET6
    default: break
    }
  }

  /// The addresses where nobody needs to be asked: no host at all, or an address in text form. `nil` where the host is a
  /// name.
  func localAddresses() throws(ResolverError) -> HostLookup.Found? {
    guard let host else {
      let isPassive = hints.flags & AI_PASSIVE != 0
      let both: [IPAddress] = isPassive ? [.any6, .any4] : [.loopback6, .loopback4]
      return .init(addresses: both.filter { hints.family == AF_UNSPEC || $0.family == hints.family })
    }
    if let address = IPAddress(text: host) {
      return .init(addresses: [try fitted(address, host)], canonicalName: host)
    }
    // An address whose scope is unknown is not a name either.
    if let percent = host.utf8.firstIndex(of: UInt8(ascii: "%")),
      let address = IPAddress(strict: String(host[..<percent]), AF_INET6)
    {
      _ = try fitted(address, host)
      throw .failed(host, code: EAI_NONAME, "no interface has that name")
    }
    if hints.flags & AI_NUMERICHOST != 0 { throw .failed(host, code: EAI_NONAME, "it is not an address") }
    if host.isEmpty { throw .invalidName(host, "it is empty") }
    return nil
  }

  private func fitted(_ address: IPAddress, _ host: String) throws(ResolverError) -> IPAddress {
    switch hints.family {
    case AF_INET where !address.isIPv4 && address.isMapped: return IPAddress(v4: address.v4)
    case AF_INET6 where address.isIPv4 && hints.flags & AI_V4MAPPED != 0: return address.mapped
    case AF_UNSPEC, address.family: return address
    default:
      throw .failed(
        host, code: CInt(CGLIBC_EAI_ADDRFAMILY), "it is an address of another family than the one asked for")
    }
  }

  /// The rows, in the order of RFC 6724, the canonical name in the first.
  func answer(_ found: HostLookup.Found, _ names: NameService) -> [AddressInfo] {
    var result = names.sorted(found.addresses).flatMap { address in
      rows.map { row in
        AddressInfo(
          family: address.family, socketType: row.socketType, protocolNumber: row.protocolNumber,
          address: address.socketAddress(port: row.port), canonicalName: nil)
      }
    }
    if hints.flags & AI_CANONNAME != 0 && !result.isEmpty { result[0].canonicalName = found.canonicalName ?? host }
    return result
  }
}
