extension Settings {
  /// `GREEN_RESOLVER`
  public static let resolver = Setting<Resolver.Configuration.Method>(
    "GREEN_RESOLVER", .choice, default: .ares,
    "Who looks names up: c-ares on the loop, the C library on a thread, or the C library in place.")

  /// `GREEN_RESOLVER_NAMESERVERS`
  public static let resolverNameServers = Setting(
    "GREEN_RESOLVER_NAMESERVERS", .nameServers, default: [],
    "The name servers to ask; without any, those of resolv.conf.")

  /// `GREEN_RESOLVER_TIMEOUT`
  public static let resolverTimeout = Setting(
    "GREEN_RESOLVER_TIMEOUT", .duration(from: .milliseconds(1), upTo: .seconds(3600), zero: "what resolv.conf says"),
    default: .zero, "How long the first try at a name server may take.")
}

extension SettingForm where Value == [SocketAddress] {
  static let nameServers = SettingForm(
    "addresses with or without a port, separated by commas or spaces, such as 10.0.0.1,[::1]:5353",
    parse: { text in
      let words = text.split(whereSeparator: { $0 == "," || $0 == " " })
      let addresses = words.compactMap { Resolver.Configuration.nameServer(String($0)) }
      return addresses.count == words.count ? addresses : nil
    }, write: { $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ",") })
}
