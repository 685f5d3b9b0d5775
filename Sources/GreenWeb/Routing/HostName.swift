/// Names of hosts as they are compared: in lower case, without the port, and without the dot that a full name may end with.
enum HostName {
  /// The name in what a request says that it is for: `Example.org:8080` is `example.org`, `[::1]:80` is `[::1]`.
  static func of(_ authority: String) -> String {
    let authority = authority.lowercased()
    if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" }) + "]" }
    let host = authority.prefix { $0 != ":" }
    return String(host.hasSuffix(".") ? host.dropLast() : host)
  }

  /// The labels of a name; an address in brackets is one.
  static func labels(_ name: String) -> [Substring] {
    name.hasPrefix("[") ? [name[...]] : name.split(separator: ".", omittingEmptySubsequences: false)
  }
}
