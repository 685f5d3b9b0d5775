extension Resolver {
  /// Which files and name servers a resolver uses, how, and what it remembers. The defaults are the system's files.
  ///
  /// One configuration is the process's, ``Resolver/configuration``; a hub may have its own,
  /// ``Hub/resolverConfiguration``. The environment changes the defaults:
  ///
  /// | variable | meaning |
  /// | --- | --- |
  /// | `GREEN_RESOLVER` | the ``Method-swift.enum``: `ares`, `thread` or `block` |
  /// | `GREEN_RESOLVER_NAMESERVERS` | addresses with or without a port, separated by commas: `127.0.0.1:5353,[::1]:53` |
  /// | `GREEN_RESOLVER_TIMEOUT` | seconds for the first try at a name server, `0.5` |
  ///
  /// `LOCALDOMAIN` and `RES_OPTIONS` are obeyed too, see `resolv.conf(5)`.
  public struct Configuration: Sendable {
    /// Who looks names up.
    public enum Method: String, Sendable, CaseIterable {
      /// c-ares, on the hub's loop: a fiber that asks parks.
      case ares
      /// The C library, on a thread: a fiber that asks parks.
      case thread
      /// The C library, in place: the whole hub waits. For finding out whether the resolver is at fault.
      case block
    }

    /// Who looks up addresses and names; records (SRV and the like) are always asked for by c-ares.
    public var method = Method.ares
    /// `hosts(5)`.
    public var hosts = "/etc/hosts"
    /// `resolv.conf(5)`.
    public var resolvConf = "/etc/resolv.conf"
    /// `nsswitch.conf(5)`.
    public var nameServiceSwitch = "/etc/nsswitch.conf"
    /// `services(5)`.
    public var services = "/etc/services"
    /// `host.conf(5)`.
    public var hostConf = "/etc/host.conf"
    /// `gai.conf(5)`.
    public var addressPolicy = "/etc/gai.conf"
    /// The name servers to ask instead of those in `resolv.conf`, with their ports.
    public var nameServers: [SocketAddress]?
    /// The domains to search instead of those in `resolv.conf`.
    public var searchDomains: [String]?
    /// How long the first try at a name server may take, instead of what `resolv.conf` says or its 5 s; it is doubled
    /// each time all have been tried.
    public var timeout: Duration?
    /// How often each server is tried, instead of what `resolv.conf` says or its 2.
    public var attempts: Int?
    /// How many answers are kept; 0 keeps none.
    public var keptAnswers = 4096
    /// No answer is kept for longer, whatever time to live it has.
    public var longestTimeToLive = Duration.seconds(3600)
    /// The same for answers that there is no such name.
    public var longestNegativeTimeToLive = Duration.seconds(30)
    /// How long such an answer is kept that does not say how long it holds: one without an SOA record, RFC 2308.
    public var negativeTimeToLive = Duration.seconds(5)
    /// How many questions may be under way at once; others wait their turn.
    public var concurrentQuestions = 4096

    /// The system's files, and nothing from the environment.
    public init() {}
  }
}
