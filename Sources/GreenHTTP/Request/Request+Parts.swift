/// Where the parts of a request's head lie in memory, for code of another language that reads them there.
package struct RequestParts {
  /// What all the ranges count from.
  package let base: UnsafeRawPointer
  /// For each field four `UInt32`: where its name begins and how long that is, and the same of its value.
  package let fields: UnsafeRawPointer?
  package let fieldCount: Int
  package let method: Range<Int>
  package let target: Range<Int>
  /// Still percent-encoded. An empty one stands for `/`.
  package let path: Range<Int>
  package let query: Range<Int>?
  /// Of a target in absolute form.
  package let authority: Range<Int>?
  package let version: HTTPVersion
  /// `nil` where a body may come whose length nobody knows yet.
  package let bodyLength: Int?
}

extension Request {
  /// Unsafe: valid as long as the request is.
  package var parts: RequestParts {
    let state = storage.state
    func range(_ start: Int, _ count: Int) -> Range<Int> { start..<start + max(0, count) }
    return RequestParts(
      base: storage.base, fields: state.pointee.head.fields.memory, fieldCount: state.pointee.head.fields.count,
      method: range(state.pointee.head.start, state.pointee.head.methodLength),
      target: range(state.pointee.head.target, state.pointee.head.targetLength),
      path: range(state.pointee.head.path, state.pointee.head.pathLength),
      query: state.pointee.head.queryLength < 0
        ? nil : range(state.pointee.head.query, state.pointee.head.queryLength),
      authority: state.pointee.head.authorityLength < 0
        ? nil : range(state.pointee.head.authority, state.pointee.head.authorityLength),
      version: state.pointee.head.version, bodyLength: state.pointee.body.length)
  }
}
