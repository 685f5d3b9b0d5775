/// The order in which the addresses of a host should be tried: RFC 6724 section 6, as the C library applies it.
///
/// Rule 7, native transport before tunnels, is left out: it needs the kind of each interface, and decides only between
/// addresses that all the rules before it find equal.
struct DestinationOrder {
  private struct Candidate {
    let address: IPAddress
    var source: IPAddress?
    var sourcePrefixLength = 0
    var isDeprecated = false
    var isHome = false
  }

  private let policy: AddressPolicy
  private let network: NetworkView
  private let interfaces: [InterfaceAddress]

  init(_ policy: AddressPolicy, _ network: NetworkView) {
    self.policy = policy
    self.network = network
    // The C library looks at the interfaces only where one of them has an IPv6 address.
    interfaces = network.hasIPv6 ? network.interfaces : []
  }

  /// Sorts; the order of equals is kept.
  func sorted(_ addresses: [IPAddress]) -> [IPAddress] {
    guard addresses.count > 1 else { return addresses }
    let candidates = addresses.map(candidate)
    return candidates.enumerated().sorted { left, right in
      let order = compare(left.element, right.element)
      return order == 0 ? left.offset < right.offset : order < 0
    }.map(\.element.address)
  }

  private func candidate(_ address: IPAddress) -> Candidate {
    var candidate = Candidate(address: address, source: network.source(for: address))
    guard let source = candidate.source else { return candidate }
    // A source in 127/8 need not be an interface's own address: the network is.
    let known = source.isIPv4 && source.isLoopback ? .loopback4 : source
    let interface = interfaces.first {
      $0.address.family == known.family && $0.address.high == known.high && $0.address.low == known.low
    }
    if let interface {
      candidate.sourcePrefixLength = interface.prefixLength
      candidate.isDeprecated = interface.isDeprecated
      candidate.isHome = interface.isHome
    }
    return candidate
  }

  /// Negative when the first comes first, 0 when the rules do not tell.
  private func compare(_ left: Candidate, _ right: Candidate) -> Int {
    // Rule 1: avoid unusable destinations.
    if (left.source == nil) != (right.source == nil) { return left.source != nil ? -1 : 1 }
    let (leftScope, rightScope) = (policy.scope(left.address), policy.scope(right.address))
    if let leftSource = left.source, let rightSource = right.source {
      // Rule 2: prefer matching scope.
      if let order = prefer(leftScope == policy.scope(leftSource), rightScope == policy.scope(rightSource)) {
        return order
      }
      // Rule 3: avoid deprecated addresses.
      if let order = prefer(!left.isDeprecated, !right.isDeprecated) { return order }
      // Rule 4: prefer home addresses.
      if let order = prefer(left.isHome, right.isHome) { return order }
      // Rule 5: prefer matching label.
      let leftMatches = policy.label(left.address) == policy.label(leftSource)
      if let order = prefer(leftMatches, policy.label(right.address) == policy.label(rightSource)) { return order }
    }
    // Rule 6: prefer higher precedence.
    let (leftPrecedence, rightPrecedence) = (policy.precedence(left.address), policy.precedence(right.address))
    if leftPrecedence != rightPrecedence { return rightPrecedence - leftPrecedence }
    // Rule 8: prefer smaller scope.
    if leftScope != rightScope { return leftScope - rightScope }
    // Rule 9: use longest matching prefix. Rule 10: otherwise, leave the order unchanged.
    return left.address.family == right.address.family ? commonPrefix(right) - commonPrefix(left) : 0
  }

  private func prefer(_ left: Bool, _ right: Bool) -> Int? { left == right ? nil : left ? -1 : 1 }

  /// How many bits the destination shares with its source. Of IPv4 addresses that says something only within the
  /// source's own network.
  private func commonPrefix(_ candidate: Candidate) -> Int {
    guard let source = candidate.source else { return 0 }
    let common = candidate.address.commonPrefix(source)
    if candidate.address.isIPv4 && common < (candidate.sourcePrefixLength == 0 ? 32 : candidate.sourcePrefixLength) {
      return 0
    }
    return common
  }
}
