internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A host's addresses while they are being looked up: one family's can be used before the answer for the other has come.
///
/// RFC 8305 section 3: IPv6 addresses are used at once; IPv4 ones when all is known, or when the answer to the question
/// for IPv6 ones is later than theirs by the resolution delay.
final class AddressArrival: WaitSubject {
  /// The RFC's recommendation.
  static let resolutionDelay = Duration.milliseconds(50)

  /// Those that are known, in the order of RFC 6724.
  private(set) var addresses: [SocketAddress] = []
  /// Whether no more will come.
  private(set) var isComplete = false
  let waitSubject: String
  private let port: UInt16
  private let names: NameService
  private var lookup: HostLookup?
  private var outcome: HostLookup.Outcome?
  /// From when on those that came first are used.
  private var isUsable = Deadline.never
  /// Only while it waits here: a wake in another wait would say what is not so.
  private var fiber: FiberPointer?

  /// Begins to look the host up; what only the C library knows is waited for here.
  init(of host: String, port: UInt16, _ names: NameService, until deadline: Deadline) throws {
    waitSubject = host
    self.port = port
    self.names = names
    try begin(try AddressQuestion(host: host, service: nil, .stream, names), host, until: deadline)
  }

  private func begin(_ question: AddressQuestion, _ host: String, until deadline: Deadline) throws {
    if let found = try question.localAddresses() { return complete(with: found) }
    guard names.configuration.method == .ares else { return try askCLibrary(names.configuration.method, deadline) }
    let lookup = HostLookup(host, family: question.hints.family, flags: question.hints.flags, names) { [unowned self] in
      outcome = $0
      tell()
    }
    lookup.foundFirst = { [unowned self] found in
      take(found)
      let hasIPv6 = found.contains { !$0.isIPv4 }
      isUsable = hasIPv6 ? .now : .after(Self.resolutionDelay)
      tell()
    }
    self.lookup = lookup
    lookup.start()
  }

  /// Nobody is told of what comes now.
  func abandon() { lookup?.abandon() }

  /// Waits until there are addresses to begin with.
  ///
  /// - Throws: ``ResolverError`` where there are none, or at the deadline.
  func waitForFirst(until deadline: Deadline) throws {
    while !isUsable.hasPassed {
      if let outcome { return try end(outcome, until: deadline) }
      if isComplete { return }
      do {
        try wait(until: min(deadline, isUsable))
      } catch Errno.timedOut {
        if deadline.hasPassed && !isUsable.hasPassed { throw ResolverError.timedOut(waitSubject) }
      }
    }
  }

  /// Waits until more is known, or one of the descriptors is ready, or the deadline passes, which throws
  /// `Errno.timedOut`. Parks or blocks.
  func wait(for descriptors: UnsafeMutableBufferPointer<pollfd>? = nil, until deadline: Deadline) throws {
    guard let (hub, fiber) = Hub.running else {
      if !names.turn(until: deadline, or: descriptors) { throw Errno.timedOut }
      return
    }
    self.fiber = fiber
    defer { self.fiber = nil }
    guard let descriptors, !descriptors.isEmpty else {
      return try hub.parkOutside(fiber, until: deadline, for: WaitReason(.name, on: self)).check()
    }
    try hub.wait(for: UnsafeBufferPointer(descriptors), until: deadline).check()
  }

  /// Whether more has come since the last call, after ``waitForFirst(until:)``.
  func takeMore() -> Bool {
    guard !isComplete, case .found(let found)? = outcome else {
      // That the other family could not be looked up takes nothing away from the first.
      isComplete = isComplete || outcome != nil
      return false
    }
    complete(with: found)
    return true
  }

  private func tell() {
    if let fiber { fiber.record.pointee.hub.ready(fiber) }
  }

  private func end(_ outcome: HostLookup.Outcome, until deadline: Deadline) throws {
    switch outcome {
    case .found(let found): complete(with: found)
    case .failed(let error): throw error
    case .foreign: try askCLibrary(.thread, deadline)
    }
    if addresses.isEmpty { throw ResolverError.notFound(waitSubject) }
  }

  private func askCLibrary(_ method: Resolver.Configuration.Method, _ deadline: Deadline) throws {
    let rows = try CLibrary.addressInfo(waitSubject, nil, .stream, method, until: deadline)
    addresses = rows.map { $0.address.with(port: port) }
    isComplete = true
  }

  private func complete(with found: HostLookup.Found) {
    take(found.addresses)
    isComplete = true
  }

  private func take(_ found: [IPAddress]) { addresses = names.sorted(found).map { $0.socketAddress(port: port) } }
}
