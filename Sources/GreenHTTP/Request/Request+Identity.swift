internal import Green
internal import HTTPTypes
internal import Synchronization

extension Request {
  /// What tells the request from others in logs: the `X-Request-ID` of a proxy that ``ProxyConfiguration/forwardedFrom``
  /// trusts, where that is a word of at most 128 letters, digits and `-._~+/=:@`, else 16 hexadecimal digits made at random
  /// when it is first asked for. What others call their requests would let them be taken for another's.
  public var id: String { storage.id }

  /// The ``id`` of the request that the calling code works for; `nil` outside requests.
  ///
  /// It is a task-local (SE-0311): the fibers, the tasks and the calls on other threads that a handler begins have it too,
  /// for as long as they last.
  public static var currentID: String? { BoundRequest.presentStorage?.id }

  /// The request that the calling code works for; `nil` outside requests. A task-local as ``currentID``.
  public static var current: Request? { BoundRequest.presentStorage.map { Request($0) } }

  /// The ``traceContext`` of the request that the calling code works for; `nil` outside requests. A task-local as
  /// ``currentID``.
  public static var currentTraceContext: TraceContext? {
    BoundRequest.presentStorage.flatMap { Request($0).traceContext }
  }
}

/// A request as a task-local value.
struct BoundRequest: Sendable {
  let storage: RequestStorage

  @TaskLocal static var current: BoundRequest?

  /// That of the request that the calling code works for.
  static var presentStorage: RequestStorage? {
    guard let storage = current?.storage, !storage.isBetweenRequests.load(ordering: .acquiring) else { return nil }
    return storage
  }

  /// Calls `body`, the code that works for a request. In a hub that cannot keep its fibers' task-locals apart none may be
  /// bound around code that waits.
  @inline(__always)
  static func during<Result>(_ storage: RequestStorage, _ body: () throws -> Result) rethrows -> Result {
    guard Hub.current?.keepsTasksApart ?? true else { return try body() }
    return try $current.withValue(BoundRequest(storage: storage), operation: body)
  }
}

extension RequestStorage {
  fileprivate var id: String { sentID ?? madeID }

  private var sentID: String? {
    // Noted only of those whose word counts.
    guard state.pointee.head.forwarding != nil else { return nil }
    let name: StaticString = "x-request-id"
    let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    guard let value = Request(self).value(of: wanted, separator: ", ") else { return nil }
    return (1...128).contains(value.utf8.count) && value.utf8.allSatisfy(\.isOfRequestID) ? value : nil
  }

  private var madeID: String {
    let made = UInt64.random(in: 1...(.max))
    let (isFirst, present) = identity.compareExchange(expected: 0, desired: made, ordering: .relaxed)
    let digits = String(isFirst ? made : present, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

extension UInt8 {
  fileprivate var isOfRequestID: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~+/=:@".utf8.contains(self)
    }
  }
}
