import CaseSupport
import Foundation
import Green
import TestSupport

/// An /etc and a network of the program's own.
final class World {
  private let folder: String

  /// - Parameter addresses: given to the loopback interface, besides 127.0.0.1 and ::1: a network without other
  ///   machines.
  init(
    hosts: String = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
    resolvConf: String = "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n",
    nsswitch: String = "hosts: files dns\n", hostConf: String = "multi on\n", policy: String? = nil,
    addresses: [String] = []
  ) throws {
    guard geteuid() == 0, try String(contentsOfFile: "/proc/net/dev", encoding: .utf8).contains("eth") == false else {
      throw Failure(description: "run it under: unshare --user --map-root-user --mount --net")
    }
    folder = NSTemporaryDirectory() + "greenfinch-etc-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["services", "protocols", "passwd", "group", "ld.so.cache"] {
      try? FileManager.default.copyItem(atPath: "/etc/" + name, toPath: folder + "/" + name)
    }
    try run("/bin/mount", ["--bind", folder, "/etc"])
    try write("hosts", hosts)
    try write("resolv.conf", resolvConf)
    try write("nsswitch.conf", nsswitch)
    try write("host.conf", hostConf)
    if let policy { try write("gai.conf", policy) }
    for command in [["address", "flush", "dev", "lo"], ["link", "set", "lo", "down"], ["link", "set", "lo", "up"]] {
      try run("/bin/ip", command)
    }
    for address in addresses {
      try run("/bin/ip", ["address", "add", address, "dev", "lo"] + (address.contains(":") ? ["nodad"] : []))
    }
    for address in addresses { try waitUntilReachable(String(address.prefix { $0 != "/" })) }
    forgetFiles()
  }

  deinit {
    try? run("/bin/umount", ["/etc"])
    try? FileManager.default.removeItem(atPath: folder)
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }
}

/// The kernel makes the route to a new IPv6 address in a work queue of its own, which on a busy machine is later than the
/// command that adds the address ends.
private func waitUntilReachable(_ address: String) throws {
  let target = SocketAddress(host: address.hasPrefix("fe80:") ? address + "%lo" : address, port: 9)!
  let socket = try DatagramSocket.bind(SocketAddress(host: address.contains(":") ? "::" : "0.0.0.0", port: 0)!)
  defer { socket.close() }
  for _ in 0..<2000 {
    if (try? socket.connect(to: target)) != nil { return }
    usleep(5000)
  }
  throw Failure(description: "\(address) is not reachable")
}

/// Makes the resolver read all files anew: it looks at them once a second, the C library at each call.
func forgetFiles() { Hub.current?.resolverConfiguration = Resolver.configuration }

/// Starts a program of the system. (Foundation's `Process` wants a loopback network before there is one.)
func start(_ path: String, _ arguments: [String]) throws -> pid_t {
  var words = ([path] + arguments).map { strdup($0) } + [nil]
  defer { words.forEach { free($0) } }
  var process = pid_t()
  let status = posix_spawn(&process, path, nil, nil, &words, environ)
  if status != 0 { throw Failure(description: "\(path): \(String(cString: strerror(status)))") }
  return process
}

/// Runs a program of the system to its end.
func run(_ path: String, _ arguments: [String]) throws {
  let process = try start(path, arguments)
  var status: CInt = 0
  while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  if status != 0 { throw Failure(description: "\(path) \(arguments.joined(separator: " ")) ended with \(status)") }
}
