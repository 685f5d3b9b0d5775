import CaseSupport
import Glibc
import Green

/// What one of the two said, so that it can be compared and read.
struct Said: Equatable, CustomStringConvertible {
  var rows: [String] = []
  var code: CInt = 0

  var description: String { code != 0 ? "error \(code)" : "[" + rows.joined(separator: ", ") + "]" }
}

/// Compares the two over many calls, and throws with all the differences.
struct Comparison {
  private(set) var calls = 0
  private var differences: [String] = []

  mutating func addresses(_ host: String?, _ service: String?, _ hints: AddressHints) {
    calls += 1
    let (wanted, found) = (theirs(host, service, hints), ours(host, service, hints))
    if wanted != found {
      differences.append("\(host ?? "-") \(service ?? "-") \(hints)\n    C library \(wanted)\n    resolver  \(found)")
    }
  }

  mutating func name(_ address: SocketAddress, _ flags: CInt) {
    calls += 1
    let (wanted, found) = (theirName(address, flags), ourName(address, flags))
    if wanted != found {
      differences.append("\(address) \(flags)\n    C library \(wanted)\n    resolver  \(found)")
    }
  }

  /// All combinations.
  mutating func addresses(_ hosts: [String?], _ services: [String?] = [nil], _ hints: [AddressHints]) {
    for host in hosts { for service in services { for hint in hints { addresses(host, service, hint) } } }
  }

  func check(atLeast expected: Int = 1) throws {
    try expect(
      differences.isEmpty,
      "\(differences.count) of \(calls) differ:\n  " + differences.prefix(20).joined(separator: "\n  "))
    try expect(calls >= expected, "only \(calls) calls")
  }
}

private func ours(_ host: String?, _ service: String?, _ hints: AddressHints) -> Said {
  do {
    let rows = try Resolver.addressInfo(host: host, service: service, hints: hints, until: .after(.seconds(30)))
    return Said(
      rows: rows.map {
        row($0.family, $0.socketType, $0.protocolNumber, $0.address, $0.canonicalName)
      })
  } catch {
    return Said(code: (error as? ResolverError)?.code ?? 999)
  }
}

private func theirs(_ host: String?, _ service: String?, _ hints: AddressHints) -> Said {
  var request = addrinfo()
  request.ai_flags = hints.flags
  request.ai_family = hints.family
  request.ai_socktype = hints.socketType
  request.ai_protocol = hints.protocolNumber
  var list: UnsafeMutablePointer<addrinfo>?
  let code = getaddrinfo(host, service, &request, &list)
  guard code == 0 else { return Said(code: code) }
  defer { freeaddrinfo(list) }
  let rows = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee }
  return Said(
    rows: rows.map {
      row(
        $0.ai_family, $0.ai_socktype, $0.ai_protocol, SocketAddress($0.ai_addr, length: $0.ai_addrlen)!,
        $0.ai_canonname.map { String(cString: $0) })
    })
}

private func row(
  _ family: CInt, _ type: CInt, _ protocolNumber: CInt, _ address: SocketAddress, _ name: String?
) -> String {
  "\(address)/\(type)/\(protocolNumber)" + (name.map { " \($0)" } ?? "") + (family == address.family ? "" : "!")
}

private func ourName(_ address: SocketAddress, _ flags: CInt) -> Said {
  do {
    let name = try Resolver.name(of: address, flags: flags, until: .after(.seconds(30)))
    return Said(rows: [name.host, name.service])
  } catch {
    return Said(code: (error as? ResolverError)?.code ?? 999)
  }
}

private func theirName(_ address: SocketAddress, _ flags: CInt) -> Said {
  var host = [CChar](repeating: 0, count: 1025)
  var service = [CChar](repeating: 0, count: 32)
  let code = address.withSockaddr {
    getnameinfo($0, $1, &host, socklen_t(host.count), &service, socklen_t(service.count), flags)
  }
  guard code == 0 else { return Said(code: code) }
  return Said(
    rows: [host, service].map { String(decoding: $0.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) })
}

let families: [CInt] = [AF_UNSPEC, AF_INET, AF_INET6]

/// Hints of every family with each of the flags.
func hints(_ flags: [CInt], socketTypes: [CInt] = [1], protocols: [CInt] = [0], families: [CInt] = families)
  -> [AddressHints]
{
  families.flatMap { family in
    flags.flatMap { flags in
      socketTypes.flatMap { type in
        protocols.map { AddressHints(flags: flags, family: family, socketType: type, protocolNumber: $0) }
      }
    }
  }
}

/// Every combination of the flags.
func combinations(_ flags: [CInt]) -> [CInt] {
  flags.reduce([0]) { all, flag in all + all.map { $0 | flag } }
}
