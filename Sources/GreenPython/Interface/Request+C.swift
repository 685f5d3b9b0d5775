public import CGreenPython
import Glibc
import GreenHTTP
import SystemPackage

@c @implementation
public func greenpython_version() -> CInt { CInt(GREENPYTHON_VERSION) }

@c @implementation
public func greenpython_get_head(_ exchange: OpaquePointer!, _ head: UnsafeMutablePointer<greenpython_head>!) {
  let parts = Exchange.at(exchange).request.parts
  head.pointee = greenpython_head(
    base: parts.base.assumingMemoryBound(to: CChar.self),
    fields: UnsafeRawPointer(parts.fields)?.assumingMemoryBound(to: greenpython_range.self),
    field_count: parts.fieldCount, method: parts.method.lowerBound, method_length: parts.method.count,
    target: parts.target.lowerBound, target_length: parts.target.count, path: parts.path.lowerBound,
    path_length: parts.path.count, query: parts.query?.lowerBound ?? 0, query_length: parts.query?.count ?? -1,
    authority: parts.authority?.lowerBound ?? 0, authority_length: parts.authority?.count ?? -1,
    version: parts.version.major == 2 ? 20 : parts.version == .http1_0 ? 10 : 11,
    body_length: parts.bodyLength.map(Int64.init) ?? -1)
}

@c @implementation
public func greenpython_get_text(
  _ exchange: OpaquePointer!, _ which: CInt, _ buffer: UnsafeMutablePointer<CChar>!, _ size: Int
) -> Int {
  copy(Exchange.at(exchange).text(which), to: buffer, size)
}

/// Copies a text, ended by a 0, as far as there is room. Returns its length.
func copy(_ text: String, to buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
  var text = text
  return text.withUTF8 { bytes in
    guard let buffer, size > 0 else { return bytes.count }
    let count = min(bytes.count, size - 1)
    if let base = bytes.baseAddress { memcpy(buffer, base, count) }
    buffer[count] = 0
    return bytes.count
  }
}

@c @implementation
public func greenpython_read_body(
  _ exchange: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ size: Int
) -> Int {
  let exchange = CallExchange.at(exchange)
  var count = 0
  let number = errorNumber {
    do {
      count = try exchange.request.body.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    } catch let error as HTTPError {
      exchange.refusal = error
      throw error
    } catch let error as Errno where error == .connectionReset {
      // As of a body that ends too early: the client is gone, which is no failure of the application.
      exchange.refusal = HTTPError(.badRequest, "the client has reset its connection in the middle of the body")
      throw error
    }
  }
  errno = number
  return number == 0 ? count : -1
}

@c @implementation
public func greenpython_is_abandoned(_ exchange: OpaquePointer!) -> Bool { Exchange.at(exchange).request.isAbandoned }

@c @implementation
public func greenpython_take_socket(_ exchange: OpaquePointer!) -> CInt {
  let exchange = CallExchange.at(exchange)
  guard let descriptor = exchange.request.socketDescriptor else {
    errno = ENOTSOCK
    return -1
  }
  let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
  exchange.socketIsTaken = copy >= 0
  return copy
}

@c @implementation
public func greenpython_return_socket(_ exchange: OpaquePointer!) { CallExchange.at(exchange).socketIsTaken = false }
