internal import CAres
internal import CGlibc
internal import Glibc

// c-ares' sockets, made and used by functions of our own. They differ from its own in what those leave out: buffers for
// many answers at once, the scope of a link-local server's address, and that a full send buffer is not a failed server.
extension DNSChannel {
  /// Opens a channel that reads no file and no environment: all of that has been read.
  func open() throws(ResolverError) -> ares_channel {
    // Unsafe: c-ares has this pointer only until the channel is destroyed, which `close` does before `self` goes.
    let data = Unmanaged.passUnretained(self).toOpaque()
    var options = ares_options()
    options.sock_state_cb = { data, descriptor, readable, writable in
      DNSChannel.from(data).watch(descriptor, readable: readable != 0, writable: writable != 0)
    }
    options.sock_state_cb_data = data
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
    if settings.usesTCP { options.flags |= ARES_FLAG_USEVC }
    if settings.usesEDNS { options.flags |= ARES_FLAG_EDNS }
    options.ednspsz = Self.ednsSize
    options.timeout = CInt(clamping: max(1, settings.timeout.wholeNanoseconds / 1_000_000))
    options.tries = CInt(clamping: max(1, settings.attempts))
    options.ndots = 1
    var mask =
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ | ARES_OPT_DOMAINS
      | ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_SERVERS | ARES_OPT_SOCK_STATE_CB
    mask |= settings.rotates ? ARES_OPT_ROTATE : ARES_OPT_NOROTATE
    var channel: ares_channel?
    var placeholder = in_addr(s_addr: IPAddress.loopback4.v4.bigEndian)
    let status = withUnsafeMutablePointer(to: &placeholder) { placeholder in
      var lookups = Array("b".utf8CString)
      return lookups.withUnsafeMutableBufferPointer { lookups in
        options.servers = placeholder
        options.nservers = 1
        options.lookups = lookups.baseAddress
        return ares_init_options(&channel, &options, mask)
      }
    }
    guard status == ARES_SUCCESS, let channel else {
      throw .failed("", code: EAI_SYSTEM, String(cString: ares_strerror(status)))
    }
    let failure = Self.setServers(channel, settings.servers)
    guard failure == ARES_SUCCESS else {
      ares_destroy(channel)
      throw .failed("", code: EAI_SYSTEM, String(cString: ares_strerror(failure)))
    }
    ares_set_socket_functions(channel, Self.functions, data)
    return channel
  }

  /// What the DNS flag day of 2020 recommends: it fits into every network's packets.
  static var ednsSize: CInt { 1232 }

  private static func setServers(_ channel: ares_channel, _ servers: [SocketAddress]) -> CInt {
    withUnsafeTemporaryAllocation(of: ares_addr_port_node.self, capacity: servers.count) { nodes in
      for (index, server) in servers.enumerated() {
        var node = ares_addr_port_node()
        node.next = index + 1 < servers.count ? nodes.baseAddress! + index + 1 : nil
        node.family = server.family
        node.udp_port = CInt(server.port ?? 53)
        node.tcp_port = node.udp_port
        if let address = IPAddress(server) {
          withUnsafeMutableBytes(of: &node.addr) { $0.copyBytes(from: address.bytes) }
        }
        (nodes.baseAddress! + index).initialize(to: node)
      }
      return ares_set_servers_ports(channel, nodes.baseAddress)
    }
  }

  /// Unsafe: never changed, and never freed.
  private nonisolated(unsafe) static let functions: UnsafePointer<ares_socket_functions> = {
    let functions = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
    functions.initialize(
      to: ares_socket_functions(
        asocket: { family, type, _, data in DNSChannel.from(data).socket(family, type) },
        aclose: { descriptor, data in
          DNSChannel.from(data).closed(descriptor)
          return Glibc.close(descriptor)
        },
        aconnect: { descriptor, address, length, data in
          DNSChannel.from(data).connect(descriptor, address!, length)
        },
        arecvfrom: { descriptor, buffer, count, flags, address, length, data in
          // Without an address it is a stream, which does not come in packets.
          guard let address else { return DNSChannel.from(data).receiveStream(descriptor, buffer!, count, flags) }
          return DNSChannel.from(data).receiveDatagram(descriptor, buffer!, count, flags, address, length)
        },
        asendv: { descriptor, pieces, count, data in
          DNSChannel.send(DNSChannel.from(data).socket(for: pieces!, descriptor), pieces!, count)
        }))
    return UnsafePointer(functions)
  }()

  static func from(_ data: UnsafeMutableRawPointer?) -> DNSChannel {
    Unmanaged<DNSChannel>.fromOpaque(data!).takeUnretainedValue()
  }

  private func socket(_ family: CInt, _ type: CInt) -> CInt {
    let isDatagram = type == cglibc_sock_dgram()
    let descriptor = isDatagram ? DNSPorts.datagramSocket(family) : cglibc_socket(family, type)
    socketFailure = descriptor < 0 ? errno : 0
    if descriptor >= 0 { opened(descriptor, type) }
    return descriptor
  }

  private func connect(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> CInt {
    guard let wanted = IPAddress(address), !wanted.isIPv4,
      let server = settings.servers.first(where: {
        IPAddress($0).map { $0.high == wanted.high && $0.low == wanted.low } ?? false
      }),
      let scope = IPAddress(server)?.scope, scope != 0
    else { return Glibc.connect(descriptor, address, length) }
    var scoped = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
    scoped.sin6_scope_id = scope
    return withUnsafePointer(to: &scoped) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
    }
  }

  /// A datagram that does not fit into the send buffer counts as sent: it is lost, as others are on their way, and is
  /// sent again in time; c-ares would give the server up. And where the call reports that nobody received an earlier
  /// datagram, this one is sent all the same: the report that it causes is found by reading, which tells all questions.
  private static func send(_ descriptor: CInt, _ pieces: UnsafePointer<iovec>, _ count: CInt) -> Int {
    let sent = write(descriptor, pieces, count)
    guard sent < 0, errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED else { return sent }
    let failure = errno
    var type: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0, type == cglibc_sock_dgram() else {
      errno = failure
      return sent
    }
    if failure == ECONNREFUSED { return write(descriptor, pieces, count) }
    return (0..<Int(count)).reduce(0) { $0 + pieces[$1].iov_len }
  }

  /// `writev(2)`, but without SIGPIPE where a server has closed its end.
  private static func write(_ descriptor: CInt, _ pieces: UnsafePointer<iovec>, _ count: CInt) -> Int {
    var message = msghdr()
    message.msg_iov = UnsafeMutablePointer(mutating: pieces)
    message.msg_iovlen = Int(count)
    return sendmsg(descriptor, &message, cglibc_send_flags())
  }
}
