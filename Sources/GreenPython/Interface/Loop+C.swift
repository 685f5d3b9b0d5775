public import CGreenPython
import Glibc
import Green
import GreenHTTP
import GreenWebSocket
import HTTPTypes
import SystemPackage

@c @implementation
public func greenpython_event_descriptor() -> CInt { LoopEvents.descriptor }

@c @implementation
public func greenpython_next_event(_ event: UnsafeMutablePointer<greenpython_event>!) -> Bool {
  guard let next = LoopEvents.next() else { return false }
  let isNew = next.kind == GREENPYTHON_EVENT_REQUEST || next.kind == GREENPYTHON_EVENT_WEBSOCKET
  // The others are about one that the receiver has.
  if isNew, let exchange = next.exchange { _ = Unmanaged.passRetained(exchange) }
  event.pointee = greenpython_event(
    kind: CInt(next.kind), exchange: next.exchange?.handle, number: next.number, bytes: next.bytes?.baseAddress,
    count: next.bytes?.count ?? 0)
  return true
}

@c @implementation
public func greenpython_asgi_started(_ failure: UnsafePointer<CChar>!) {
  let reason = failure.map { PythonFailure(description: String(cString: $0)) }
  LoopEvents.begun(reason.map { .failure($0) } ?? .success(()))
}

@c @implementation
public func greenpython_exchange_release(_ handle: OpaquePointer!) {
  Unmanaged<Exchange>.fromOpaque(UnsafeRawPointer(handle)).release()
}

@c @implementation
public func greenpython_asgi_want(_ handle: OpaquePointer!) {
  let exchange = LoopExchange.at(handle)
  if let conversation = exchange.conversation { conversation.want() } else { exchange.want() }
}

@c @implementation
public func greenpython_asgi_start(
  _ handle: OpaquePointer!, _ answer: UnsafePointer<greenpython_answer>!, _ trailers: UnsafePointer<CChar>!,
  _ length: Int
) {
  let names = AnswerHead.text(trailers, length).split(separator: ",").compactMap { name in
    HTTPField.Name(String(name.drop { $0 == " " }))
  }
  LoopExchange.at(handle).give(
    .start(AnswerHead(answer.pointee), trailers: names.filter { TrailerFields.mayFollow($0) }))
}

@c @implementation
public func greenpython_asgi_write(
  _ handle: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ count: Int, _ isLast: Bool
) -> Bool {
  LoopExchange.at(handle).give(.write(Array(UnsafeRawBufferPointer(start: bytes, count: count)), isLast: isLast))
}

@c @implementation
public func greenpython_asgi_send_path(_ handle: OpaquePointer!, _ path: UnsafePointer<CChar>!) -> CInt {
  errorNumber { LoopExchange.at(handle).give(.file(try OpenFile(path: String(cString: path)))) }
}

@c @implementation
public func greenpython_asgi_trailers(
  _ handle: OpaquePointer!, _ fields: UnsafePointer<greenpython_field>!, _ count: Int
) {
  LoopExchange.at(handle).give(.trailers(HTTPFields(UnsafeBufferPointer(start: fields, count: count))))
}

@c @implementation
public func greenpython_asgi_early_hints(
  _ handle: OpaquePointer!, _ fields: UnsafePointer<greenpython_field>!, _ count: Int
) {
  LoopExchange.at(handle).give(.hints(HTTPFields(UnsafeBufferPointer(start: fields, count: count))))
}

@c @implementation
public func greenpython_asgi_accept(
  _ handle: OpaquePointer!, _ subprotocol: UnsafePointer<CChar>!, _ length: Int,
  _ fields: UnsafePointer<greenpython_field>!, _ count: Int
) {
  let exchange = LoopExchange.at(handle)
  if exchange.isOver { return }
  let name = subprotocol.map { AnswerHead.text($0, length) }
  exchange.give(.accept(subprotocol: name, HTTPFields(UnsafeBufferPointer(start: fields, count: count))))
  exchange.conversation = LoopConversation(exchange)
}

@c @implementation
public func greenpython_asgi_message(
  _ handle: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ count: Int, _ isText: Bool
) -> Bool {
  let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
  return LoopExchange.at(handle).conversation?.send(
    isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(Array(bytes))) ?? true
}

@c @implementation
public func greenpython_asgi_close(
  _ handle: OpaquePointer!, _ code: CInt, _ reason: UnsafePointer<CChar>!, _ length: Int
) {
  let exchange = LoopExchange.at(handle)
  guard let conversation = exchange.conversation else { return _ = exchange.give(.refuse) }
  conversation.close(CloseCode(rawValue: UInt16(clamping: code)), AnswerHead.text(reason, length))
}

@c @implementation
public func greenpython_asgi_fail(
  _ handle: OpaquePointer!, _ text: UnsafePointer<CChar>!, _ length: Int, _ isLate: Bool
) {
  let exchange = LoopExchange.at(handle)
  if isLate { return exchange.tookTooLong(PythonFailure(description: AnswerHead.text(text, length))) }
  if let conversation = exchange.conversation { return conversation.close(.internalError, "") }
  exchange.give(.fail(PythonFailure(description: AnswerHead.text(text, length))))
}

@c @implementation
public func greenpython_asgi_deadline(_ handle: OpaquePointer!) -> Int64 {
  let deadline = LoopExchange.at(handle).deadline
  return deadline == .never ? -1 : deadline.nanoseconds
}

@c @implementation
public func greenpython_set_context(_ handle: OpaquePointer!, _ context: UnsafeMutableRawPointer!) {
  LoopExchange.at(handle).context = context
}

@c @implementation
public func greenpython_get_context(_ handle: OpaquePointer!) -> UnsafeMutableRawPointer! {
  LoopExchange.at(handle).context
}

@c @implementation
public func greenpython_asgi_wait(_ descriptor: CInt, _ nanoseconds: Int64) -> CInt {
  var isReadable = false
  let number = errorNumber { isReadable = try LoopEvents.wait(for: descriptor, nanoseconds: nanoseconds) }
  errno = number
  return number != 0 ? -1 : isReadable ? 1 : 0
}
