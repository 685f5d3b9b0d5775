internal import CRedirect
internal import Glibc
internal import Green

/// Fills the part of the table that looks up names.
func linkNames(_ table: UnsafeMutablePointer<credirect_table>) {
  table.pointee.address_info = { host, service, hints, list in
    NameCalls.addressInfo(host, service, hints, list!)
  }
  table.pointee.host_name = { address, length, host, size, flags in
    NameCalls.hostName(address!, length, UnsafeMutableBufferPointer(start: host, count: Int(size)), flags)
  }
}

/// The resolver in the form of the C library's calls.
enum NameCalls {
  static func addressInfo(
    _ host: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>
  ) -> CInt {
    let hints = hints.map {
      AddressHints(
        flags: $0.pointee.ai_flags, family: $0.pointee.ai_family, socketType: $0.pointee.ai_socktype,
        protocolNumber: $0.pointee.ai_protocol)
    }
    let status = status {
      let rows = try Resolver.addressInfo(
        host: host.map { String(cString: $0) }, service: service.map { String(cString: $0) }, hints: hints ?? .default)
      var first: UnsafeMutablePointer<addrinfo>?
      for row in rows.reversed() {
        guard let node = node(row, flags: hints?.flags ?? 0) else {
          freeaddrinfo(first)
          return EAI_MEMORY
        }
        node.pointee.ai_next = first
        first = node
      }
      list.pointee = first
      return 0
    }
    return status
  }

  /// A row as glibc lays it out: one allocation with the address after it, and one for the name. freeaddrinfo(3) frees
  /// both.
  private static func node(_ row: AddressInfo, flags: CInt) -> UnsafeMutablePointer<addrinfo>? {
    row.address.withSockaddr { address, length in
      guard let memory = calloc(1, MemoryLayout<addrinfo>.size + Int(length)) else { return nil }
      let node = memory.bindMemory(to: addrinfo.self, capacity: 1)
      let copy = memory + MemoryLayout<addrinfo>.size
      memcpy(copy, address, Int(length))
      node.pointee.ai_flags = flags
      node.pointee.ai_family = row.family
      node.pointee.ai_socktype = row.socketType
      node.pointee.ai_protocol = row.protocolNumber
      node.pointee.ai_addrlen = length
      node.pointee.ai_addr = copy.assumingMemoryBound(to: sockaddr.self)
      if let name = row.canonicalName {
        node.pointee.ai_canonname = strdup(name)
        if node.pointee.ai_canonname == nil {
          free(node)
          return nil
        }
      }
      return node
    }
  }

  static func hostName(
    _ address: UnsafePointer<sockaddr>, _ length: UInt32, _ host: UnsafeMutableBufferPointer<CChar>, _ flags: CInt
  ) -> CInt {
    status {
      guard let address = SocketAddress(address, length: length) else { return EAI_FAMILY }
      var name = try Resolver.name(of: address, flags: flags | NI_NUMERICSERV).host
      return name.withUTF8 { bytes in
        guard bytes.count < host.count else { return overflow }
        _ = UnsafeMutableRawBufferPointer(host).initializeMemory(as: UInt8.self, from: bytes)
        host[bytes.count] = 0
        return 0
      }
    }
  }

  /// EAI_OVERFLOW, which Swift's Glibc does not show.
  private static let overflow: CInt = -12

  /// The result, or what getaddrinfo(3) returns for the error; what ends the wait is EAI_SYSTEM with its errno.
  private static func status(_ body: () throws -> CInt) -> CInt {
    do {
      return try body()
    } catch let error as ResolverError {
      return error.code
    } catch {
      errno = NativeWaits.code(of: error)
      return EAI_SYSTEM
    }
  }
}
