import CaseSupport
import Glibc
import Green
import GreenRedirect
import WaitCalls

/// The rows of getaddrinfo in words, or its error.
private func rows(_ host: String?, _ service: String?, flags: CInt = 0, family: CInt = AF_UNSPEC, type: CInt = 0)
  -> String
{
  var hints = addrinfo()
  hints.ai_flags = flags
  hints.ai_family = family
  hints.ai_socktype = type
  var list: UnsafeMutablePointer<addrinfo>?
  let status = getaddrinfo(host, service, &hints, &list)
  if status != 0 { return "error \(status)" }
  defer { freeaddrinfo(list) }
  return sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee }.map { row in
    let bytes = UnsafeRawBufferPointer(start: row.ai_addr, count: Int(row.ai_addrlen)).map { "\($0)" }
    let name = row.ai_canonname.map { String(cString: $0) } ?? "-"
    return
      "\(row.ai_flags) \(row.ai_family) \(row.ai_socktype) \(row.ai_protocol) \(name) \(bytes.joined(separator: "."))"
  }.joined(separator: "\n")
}

private func name(_ address: sockaddr_in, flags: CInt, room: Int = 200) -> String {
  var address = address
  var host = [CChar](repeating: 0, count: max(1, room))
  var service = [CChar](repeating: 0, count: 64)
  let status = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      getnameinfo(
        $0, socklen_t(MemoryLayout<sockaddr_in>.size), &host, socklen_t(room), &service, socklen_t(service.count), flags
      )
    }
  }
  return status == 0 ? "\(text(host)) \(text(service))" : "error \(status)"
}

private func loopback(port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

private func words(_ entry: UnsafeMutablePointer<hostent>?) -> String {
  guard let entry = entry?.pointee else { return "error \(calls_host_error())" }
  var aliases: [String] = []
  var next = entry.h_aliases
  while let alias = next?.pointee {
    aliases.append(String(cString: alias))
    next = next?.advanced(by: 1)
  }
  var addresses: [String] = []
  var address = entry.h_addr_list
  while let bytes = address?.pointee {
    addresses.append((0..<Int(entry.h_length)).map { "\(UInt8(bitPattern: bytes[$0]))" }.joined(separator: "."))
    address = address?.advanced(by: 1)
  }
  return "\(String(cString: entry.h_name)) \(aliases) \(entry.h_addrtype) \(addresses)"
}

/// What a call says in a fiber is what it says on a thread.
private func same(_ what: String, line: Int = #line, _ body: () -> String) throws {
  let plain = Redirect.bypass(body)
  try expectEqual(body(), plain, what, line: line)
}

let nameCases = [
  Case("getaddrinfo in a fiber says what it says on a thread") {
    for host in ["localhost", "127.0.0.1", "::1", "no.such.name.invalid", "", "1.2.3.400", nil] as [String?] {
      for service in ["80", "http", "no-such-service", nil] as [String?] {
        try same("\(host ?? "nil") \(service ?? "nil")") { rows(host, service) }
        try same("\(host ?? "nil") \(service ?? "nil")") { rows(host, service, family: AF_INET, type: streamType) }
      }
    }
    try same("passive") { rows(nil, "80", flags: AI_PASSIVE) }
    try same("canonical") { rows("localhost", nil, flags: AI_CANONNAME) }
    try same("numeric") { rows("localhost", nil, flags: AI_NUMERICHOST) }
    try same("bad flags") { rows("localhost", nil, flags: 1 << 20) }
    try same("bad family") { rows("localhost", nil, family: AF_UNIX) }
    try same("not ASCII") { rows("bücher.invalid", nil) }
  },
  Case("getnameinfo in a fiber says what it says on a thread") {
    for flags in [0, NI_NUMERICHOST, NI_NUMERICSERV, NI_NUMERICHOST | NI_NUMERICSERV, NI_NAMEREQD, 1 << 12] {
      try same("flags \(flags)") { name(loopback(port: 80), flags: flags) }
    }
    try same("no room") { name(loopback(port: 80), flags: 0, room: 3) }
    try same("no host") { name(loopback(port: 80), flags: 0, room: 0) }
  },
  Case("gethostbyname and gethostbyaddr in a fiber say what they say on a thread") {
    for host in ["localhost", "127.0.0.1", "no.such.name.invalid"] {
      try same(host) { words(gethostbyname(host)) }
      try same(host) { words(gethostbyname2(host, AF_INET6)) }
    }
    try same("by address") {
      var address = UInt32(0x7f00_0001).bigEndian
      return words(gethostbyaddr(&address, 4, AF_INET))
    }
    for room in [8, 64, 1024] {
      try same("with room \(room)") {
        var entry = hostent()
        var found: UnsafeMutablePointer<hostent>?
        var error: CInt = 0
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: room + 1)
        defer { buffer.deallocate() }
        let status = gethostbyname_r("localhost", &entry, buffer + 1, room, &found, &error)
        return found == nil ? "error \(status) \(error)" : words(found)
      }
    }
  },
  Case("what gethostbyname returns stays the fiber's while another asks") {
    let first = gethostbyname("127.0.0.1")
    try Fiber.spawn { _ = gethostbyname("127.0.0.2") }.value
    try expect(words(first).contains("127.0.0.1"), words(first))
  },
  Case("a name server that is slow keeps only who asks") {
    let server = try SlowNameServer(delay: 200)
    var configuration = Resolver.Configuration()
    configuration.nameServers = [server.address]
    Hub.current!.resolverConfiguration = configuration
    let elapsed = try seconds {
      try whileOthersRun {
        try together(
          (0..<50).map { index in
            {
              try expectEqual(
                rows("host\(index).example.test", "80", family: AF_INET, type: streamType),
                "0 2 1 6 - 2.0.0.80.10.1.2.3.0.0.0.0.0.0.0.0")
            }
          })
      }
    }
    try expect(elapsed >= 0.2 && elapsed < 8, "took \(elapsed) s")
    server.close()
    let silent = try SlowNameServer(delay: nil)
    configuration.nameServers = [silent.address]
    Hub.current!.resolverConfiguration = configuration
    let fiber = Fiber.spawn {
      try expectEqual(rows("other.example.test", nil, family: AF_INET), "error \(EAI_SYSTEM)")
      try expectEqual(errno, ECANCELED)
    }
    usleep(20_000)
    fiber.cancel()
    try fiber.value
    silent.close()
  },
  Case("res_query in a fiber says what it says on a thread") {
    try same("no such name") {
      var answer = [UInt8](repeating: 0, count: 512)
      let count = calls_query("no.such.name.invalid", &answer, 512)
      return count < 0 ? "error \(calls_host_error())" : "answer"
    }
  },
]

/// Answers every question of the DNS with 10.1.2.3, late, or none.
private final class SlowNameServer: @unchecked Sendable {
  let address: SocketAddress
  private let descriptor: CInt
  private var fiber: Fiber<Void>?

  init(delay milliseconds: UInt32?) throws {
    let socket = Glibc.socket(AF_INET, 2, 0)
    descriptor = socket
    var bound = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length)
        getsockname(socket, $0, &length)
      }
    }
    address = SocketAddress(host: "127.0.0.1", port: UInt16(bigEndian: bound.sin_port))!
    fiber = Self.answering(descriptor, milliseconds)
  }

  private static func answering(_ socket: CInt, _ milliseconds: UInt32?) -> Fiber<Void> {
    Fiber.spawn {
      while true {
        var peer = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var question = [UInt8](repeating: 0, count: 512)
        let count = try withUnsafeMutablePointer(to: &peer) {
          try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try Readiness.wait(for: socket, .read)
            return recvfrom(socket, &question, 512, 0, $0, &size)
          }
        }
        if count < 12 { return }
        guard let milliseconds else { continue }
        Fiber.spawn {
          usleep(milliseconds * 1000)
          // The question, without what comes after it, and one answer: RFC 1035, 4.1.
          var end = 12
          while question[end] != 0 { end += Int(question[end]) + 1 }
          end += 5
          var answer = Array(question[..<end])
          answer[2] = 0x81
          answer[3] = 0x80
          answer[7] = question[end - 3] == 1 ? 1 : 0
          answer[10] = 0
          answer[11] = 0
          if answer[7] == 1 { answer += [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 1, 2, 3] }
          withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
              _ = sendto(socket, answer, answer.count, 0, $0, size)
            }
          }
        }
      }
    }
  }

  func close() {
    fiber?.cancel()
    try? fiber?.join()
    Glibc.close(descriptor)
  }
}
