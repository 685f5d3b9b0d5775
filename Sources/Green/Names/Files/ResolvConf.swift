internal import Glibc

/// `/etc/resolv.conf`: the name servers and how to ask them, `resolv.conf(5)`.
struct ResolvConf {
  /// At most three, as the C library has it; 127.0.0.1 where none is named.
  private(set) var nameServers: [SocketAddress] = []
  private(set) var searchDomains: [String] = []
  /// Names with at least so many dots are first tried as they are.
  private(set) var ndots = 1
  /// Seconds for the first try of a question at a server.
  private(set) var timeout = 5
  /// How often each server is tried.
  private(set) var attempts = 2
  private(set) var rotates = false
  private(set) var usesTCP = false
  private(set) var usesEDNS = false
  private(set) var asksNoIPv6 = false
  private(set) var skipsTopLevel = false

  /// - Parameters:
  ///   - environment: the values of `LOCALDOMAIN` and `RES_OPTIONS`, which override the file.
  ///   - hostName: names the domain to search where neither does.
  init(_ bytes: [UInt8], localDomain: String? = nil, options: String? = nil, hostName: String = "") {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      // A comment begins in the first column, a keyword too.
      guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";"), !Fields.isSpace(first)
      else {
        continue
      }
      let fields = Fields.texts(line)
      guard fields.count > 1 else { continue }
      switch fields[0] {
      case "nameserver":
        if nameServers.count < 3, let address = IPAddress(text: fields[1]) {
          nameServers.append(address.socketAddress(port: 53))
        }
      case "domain": searchDomains = [fields[1]]
      case "search": searchDomains = Array(fields.dropFirst())
      case "options": fields.dropFirst().forEach { set($0) }
      default: break
      }
    }
    if nameServers.isEmpty { nameServers = [IPAddress.loopback4.socketAddress(port: 53)] }
    if let localDomain {
      searchDomains = Fields.texts(Array(localDomain.utf8)[...])
    } else if searchDomains.isEmpty, let dot = hostName.firstIndex(of: ".") {
      searchDomains = [String(hostName[hostName.index(after: dot)...])]
    }
    if let options { Fields.texts(Array(options.utf8)[...]).forEach { set($0) } }
  }

  private mutating func set(_ option: String) {
    let parts = option.split(separator: ":", maxSplits: 1)
    let number = parts.count == 2 ? Int(parts[1]) : nil
    // The limits are those of <resolv.h>.
    switch (parts.first ?? "", number) {
    case ("ndots", let number?): ndots = min(max(number, 0), 15)
    case ("timeout", let number?): timeout = min(max(number, 1), 30)
    case ("attempts", let number?): attempts = min(max(number, 1), 5)
    case ("rotate", _): rotates = true
    case ("use-vc", _): usesTCP = true
    case ("edns0", _): usesEDNS = true
    case ("no-aaaa", _): asksNoIPv6 = true
    case ("no-tld-query", _), ("no_tld_query", _): skipsTopLevel = true
    default: break
    }
  }
}
