internal import Green

extension HTTPConnection {
  /// Names what each request of the connection uses of the heap, so that it can be fetched into the cache while the
  /// request before it is served, on another connection. The sizes of objects are estimates: nothing depends on them.
  func announceMemory(of storage: RequestStorage) {
    Fiber.uses(self, byteCount: 512)
    Fiber.uses(UnsafeRawPointer(storage.state), byteCount: MemoryLayout<RequestState>.size)
    Fiber.uses(UnsafeRawPointer(exchange), byteCount: MemoryLayout<Exchange>.size)
    Fiber.uses(storage, byteCount: 32)
    if let socket = stream as? Socket { Fiber.uses(socket, byteCount: 128) }
    if let observer { Fiber.uses(observer, byteCount: 128) }
    let fields = standardFields.current()
    if let base = fields.baseAddress { Fiber.uses(base, byteCount: fields.count) }
  }
}
