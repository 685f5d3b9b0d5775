internal import Foundation

/// A port of 127.0.0.1 that nobody uses at this moment, for a server that is told its port.
///
/// Below those that the kernel gives out by itself, to connections and to who asks for any: until the server has it, or has
/// it again, one of the many of other tests would take it now and then.
func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = UInt16.random(in: 10_000..<firstOfKernel)
    if isFree(port) { return port }
  }
  throw ServerFailure("no free port")
}

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
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
