import Foundation
import Green
import TestSupport

/// A folder of configuration files, gone with the object.
final class NameFiles {
  let folder: String

  init(hosts: String = "", resolvConf: String = "", nsswitch: String = "hosts: files dns\n", policy: String = "") throws
  {
    folder = NSTemporaryDirectory() + "greenfinch-names-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in [
      "hosts": hosts, "resolv.conf": resolvConf, "nsswitch.conf": nsswitch, "gai.conf": policy,
      "host.conf": "multi on\n",
    ] {
      try write(name, text)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  var configuration: Resolver.Configuration {
    var configuration = Resolver.Configuration()
    configuration.hosts = folder + "/hosts"
    configuration.resolvConf = folder + "/resolv.conf"
    configuration.nameServiceSwitch = folder + "/nsswitch.conf"
    configuration.addressPolicy = folder + "/gai.conf"
    configuration.hostConf = folder + "/host.conf"
    return configuration
  }
}

/// Runs `body` on a hub that asks `server` and nobody else; the server is stopped after it.
func lookingUp<Result>(
  at server: NameServer, _ files: NameFiles, change: ((inout Resolver.Configuration) -> Void)? = nil,
  _ body: @escaping () throws -> Result
) throws -> Result {
  defer { server.stop() }
  var configuration = files.configuration
  configuration.nameServers = [server.address]
  change?(&configuration)
  return try onHub {
    Hub.current!.resolverConfiguration = configuration
    return try body()
  }
}

func lookingUp<Result>(_ records: [NameServer.Record], _ body: @escaping (NameServer) throws -> Result) throws -> Result
{
  let server = try NameServer(NameServer.zone(records))
  return try lookingUp(at: server, try NameFiles()) { try body(server) }
}

/// The addresses of a name as text, in their order.
func hosts(_ name: String, until deadline: Deadline = .after(.seconds(20))) -> Result<[String], ResolverError> {
  outcome { try Resolver.addresses(of: name, port: 80, until: deadline).map(\.host) }
}

/// What a call returns or throws, to be compared: `#expect` takes no `try` in the closures of these tests.
func outcome<Value>(_ body: () throws -> Value) -> Result<Value, ResolverError> {
  do {
    return .success(try body())
  } catch {
    return .failure(error as? ResolverError ?? .failed("", code: 0, "\(error)"))
  }
}

/// The error that `body` throws, `nil` without one.
func failure(_ body: () throws -> some Any) -> ResolverError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? ResolverError
  }
}

func values<Value>(_ fibers: [Fiber<Value>]) throws -> [Value] { try fibers.map { try $0.value } }
