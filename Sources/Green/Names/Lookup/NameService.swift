internal import Glibc

/// All that looks names up for one hub, or for one call on a plain thread: the configuration's files, and the channel to
/// the name servers, which is opened when the first question for them comes.
///
/// Belongs to one thread. A hub's is made when the hub looks up its first name, and a forked child makes its own.
final class NameService {
  let configuration: Resolver.Configuration
  /// The hub's loop; `nil` for one call on a plain thread.
  private let hubLoop: OpaquePointer?
  private var threadLoop: ThreadDNSLoop?
  private let hostsFile: ConfigurationFile<HostsFile>
  private let servicesFile: ConfigurationFile<ServicesFile>
  private let switchFile: ConfigurationFile<NameServiceSwitch>
  private let resolvConfFile: ConfigurationFile<ResolvConf>
  private let hostConfFile: ConfigurationFile<HostConf>
  private let policyFile: ConfigurationFile<AddressPolicy>
  private var client: DNSClient?
  private var clientVersion = 0
  /// Clients of name servers that have changed since, with questions still under way.
  private var retired: [DNSClient] = []
  private var networkView: NetworkView?

  /// - Parameter hubLoop: where questions to the name servers are waited for; `nil` for one call on a plain thread,
  ///   whose waits are ``turn(until:)``.
  init(_ configuration: Resolver.Configuration, hubLoop: OpaquePointer?) {
    self.configuration = configuration
    self.hubLoop = hubLoop
    hostsFile = ConfigurationFile(configuration.hosts) { HostsFile($0) }
    servicesFile = ConfigurationFile(configuration.services) { ServicesFile($0) }
    switchFile = ConfigurationFile(configuration.nameServiceSwitch) { NameServiceSwitch($0) }
    resolvConfFile = ConfigurationFile(configuration.resolvConf) { bytes in
      ResolvConf(
        bytes, localDomain: getenv("LOCALDOMAIN").map { String(cString: $0) },
        options: getenv("RES_OPTIONS").map { String(cString: $0) }, hostName: LocalNames.hostName)
    }
    hostConfFile = ConfigurationFile(configuration.hostConf) { HostConf($0) }
    policyFile = ConfigurationFile(configuration.addressPolicy) { AddressPolicy($0) }
  }

  deinit { close() }

  /// Ends what is under way without telling anybody, and closes the sockets.
  func close() {
    client?.close()
    client = nil
    for client in retired { client.close() }
    retired = []
  }

  /// Whether no question is under way.
  var isIdle: Bool { (client?.isIdle ?? true) && retired.allSatisfy(\.isIdle) }

  /// Forgets the answers that are kept.
  func forget() { client?.forget() }

  var hosts: HostsFile { hostsFile.current }
  var services: ServicesFile { servicesFile.current }
  var sources: [NameServiceSwitch.Source] { switchFile.current.sources }
  var hostConf: HostConf { hostConfFile.current }
  var resolvConf: ResolvConf { resolvConfFile.current }
  var searchDomains: [String] { configuration.searchDomains ?? resolvConf.searchDomains }

  var network: NetworkView {
    if let networkView, !networkView.isStale { return networkView }
    let new = NetworkView()
    networkView = new
    return new
  }

  /// In the order of RFC 6724.
  func sorted(_ addresses: [IPAddress]) -> [IPAddress] {
    addresses.count > 1 ? DestinationOrder(policyFile.current, network).sorted(addresses) : addresses
  }

  /// The way to the name servers of the present `resolv.conf`.
  func dns() throws -> DNSClient {
    if let client, hubLoop == nil { return client }
    let resolvConf = resolvConf
    if let client, clientVersion == resolvConfFile.version { return client }
    retired.removeAll { $0.isIdle }
    if let client { retired.append(client) }
    client = nil
    let channel = try DNSChannel(settings(resolvConf), on: makeLoop())
    let new = DNSClient(
      channel,
      keeping: .init(
        limit: configuration.keptAnswers, longest: configuration.longestTimeToLive,
        longestNegative: configuration.longestNegativeTimeToLive,
        unspecifiedNegative: configuration.negativeTimeToLive))
    client = new
    clientVersion = resolvConfFile.version
    return new
  }

  private func makeLoop() -> any DNSLoop {
    if let hubLoop { return HubDNSLoop(loop: hubLoop) }
    let loop = ThreadDNSLoop()
    threadLoop = loop
    return loop
  }

  /// Blocks the thread until a name server has said something, or one of the descriptors is ready; `false` at the
  /// deadline.
  func turn(until deadline: Deadline, or descriptors: UnsafeMutableBufferPointer<pollfd>? = nil) -> Bool {
    threadLoop?.turn(until: deadline, or: descriptors) ?? false
  }

  private func settings(_ resolvConf: ResolvConf) -> DNSSettings {
    let given = (configuration.nameServers ?? []).filter { IPAddress($0) != nil }
    return DNSSettings(
      servers: given.isEmpty ? resolvConf.nameServers : given,
      timeout: configuration.timeout ?? .seconds(resolvConf.timeout),
      attempts: configuration.attempts ?? resolvConf.attempts, rotates: resolvConf.rotates,
      usesTCP: resolvConf.usesTCP, usesEDNS: resolvConf.usesEDNS,
      limit: min(max(configuration.concurrentQuestions, 1), 32768))
  }
}
