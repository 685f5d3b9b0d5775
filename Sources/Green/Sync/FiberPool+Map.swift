// Each call is a group: when one of its fibers fails, or the caller is cancelled, its others are cancelled and waited for
// before the error is thrown. The fibers of other calls go on.
extension FiberPool {
  /// Calls `body` in a fiber of the pool and waits for what it returns. In a fiber of this pool it calls `body` itself,
  /// which might otherwise wait for room that only its own end makes.
  ///
  /// - Throws: what `body` threw; `CancellationError` and ``TimeoutError`` as every wait. The fiber has ended then.
  public func apply<Success>(
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line, _ body: @escaping () throws -> Success
  ) throws -> Success {
    if let current = Fiber.current, contains(current) { return try body() }
    return try withFiberGroup(of: Success.self) { group in
      group.adopt(try spawn(name: name, file: file, line: line, body))
      return try group.nextResult()!
    }
  }

  /// Calls `transform` for each item in a fiber of the pool, and returns the results in the order of the items. Parks until
  /// all are there.
  ///
  /// - Throws: the first error of a `transform`, and as every wait. None of its fibers runs then.
  public func map<Items: Sequence, Value>(
    _ items: Items, file: StaticString = #fileID, line: UInt = #line,
    _ transform: @escaping (Items.Element) throws -> Value
  ) throws -> [Value] {
    try withFiberGroup(of: (Int, Value).self) { group in
      var count = 0
      for (index, item) in items.enumerated() {
        group.adopt(try spawn(file: file, line: line) { (index, try transform(item)) })
        try group.checkFailure()
        count += 1
      }
      var values = [Value?](repeating: nil, count: count)
      while let (index, value) = try group.nextResult() { values[index] = value }
      return values.map { $0! }
    }
  }

  /// Calls `transform` for each item in a fiber of the pool, and `body` with each result as soon as it is there, in the
  /// calling fiber. Parks until all are done. Items are drawn while there is room, whatever `body` does meanwhile.
  ///
  /// - Throws: the first error of a `transform`, or of `body`, and as every wait. None of its fibers runs then.
  public func forEachResult<Items: Sequence, Value>(
    of items: Items, file: StaticString = #fileID, line: UInt = #line,
    _ transform: @escaping (Items.Element) throws -> Value, do body: (Value) throws -> Void
  ) throws {
    try withFiberGroup(of: Value?.self) { group in
      // This fiber is one of the group, but not of the pool.
      try group.spawn(file: file, line: line) { [unowned group] in
        for item in items {
          group.adopt(try self.spawn(file: file, line: line) { try transform(item) })
          try group.checkFailure()
        }
        return nil
      }
      while let result = try group.nextResult() {
        if let value = result { try body(value) }
      }
    }
  }
}
