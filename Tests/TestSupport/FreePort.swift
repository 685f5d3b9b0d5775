internal import CaseSupport
internal import Foundation

internal import class Green.Mutex

/// A port that nobody uses at any address of this machine at this moment, and that no other test of this process has been given,
/// for a server that is told its port.
///
/// Below those that the kernel gives out by itself, to connections and to who asks for any: until the server has it, or has
/// it again, one of the many of other tests would take it now and then.
public func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<firstOfKernel)
    if givenPorts.withLock({ $0.insert(port).inserted }) && isFree(port) { return port }
  }
  throw Failure(description: "no free port")
}

private let givenPorts = Mutex<Set<UInt16>>([])

/// The first of the ports that the kernel gives out, or what it is everywhere where it cannot be read.
private let firstOfKernel: UInt16 = {
  let text = (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)) ?? ""
  let first = text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) } ?? 0
  return first > 11_000 ? first : 32_768
}()

private func isFree(_ port: UInt16) -> Bool {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
