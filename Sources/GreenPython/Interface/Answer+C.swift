public import CGreenPython
import Glibc
import GreenHTTP
import HTTPTypes
import SystemPackage

@c @implementation
public func greenpython_answer_whole(
  _ exchange: OpaquePointer!, _ answer: UnsafePointer<greenpython_answer>!, _ body: UnsafeRawPointer!, _ count: Int
) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: body, count: count)
  CallExchange.at(exchange).answer(AnswerHead(answer.pointee), whole: bytes)
  return 0
}

@c @implementation
public func greenpython_begin_answer(
  _ exchange: OpaquePointer!, _ answer: UnsafePointer<greenpython_answer>!
) -> CInt {
  CallExchange.at(exchange).begin(AnswerHead(answer.pointee))
  return 0
}

@c @implementation
public func greenpython_write(_ exchange: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ count: Int) -> CInt {
  errorNumber { try CallExchange.at(exchange).write(UnsafeRawBufferPointer(start: bytes, count: count)) }
}

@c @implementation
public func greenpython_send_file(
  _ exchange: OpaquePointer!, _ descriptor: CInt, _ offset: Int64, _ count: Int64
) -> CInt {
  errorNumber {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    if copy < 0 { throw Errno(rawValue: errno) }
    let file = try OpenFile(adopting: copy)
    let start = min(Int(offset), file.byteCount)
    let end = count < 0 ? file.byteCount : min(file.byteCount, start + Int(count))
    try CallExchange.at(exchange).write(file, start..<end)
  }
}

@c @implementation
public func greenpython_early_hints(
  _ exchange: OpaquePointer!, _ fields: UnsafePointer<greenpython_field>!, _ count: Int
) -> CInt {
  errorNumber {
    try Exchange.at(exchange).request.sendEarlyHints(
      HTTPFields(UnsafeBufferPointer(start: fields, count: count)))
  }
}

@c @implementation
public func greenpython_fail(
  _ exchange: OpaquePointer!, _ text: UnsafePointer<CChar>!, _ length: Int, _ isLate: Bool
) {
  let failure = PythonFailure(description: AnswerHead.text(text, length))
  if isLate { CallExchange.at(exchange).tookTooLong(failure) } else { CallExchange.at(exchange).fail(failure) }
}

extension HTTPFields {
  /// Fields as the extension gives them.
  init(_ given: UnsafeBufferPointer<greenpython_field>) {
    self.init()
    for field in given {
      guard let name = FieldNames.name(field) else { continue }
      let value = UnsafeRawBufferPointer(start: field.value, count: field.value_length)
      append(HTTPField(name: name, lenientValue: value))
    }
  }
}
