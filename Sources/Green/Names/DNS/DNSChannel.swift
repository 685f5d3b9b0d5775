internal import CAres
internal import Glibc

/// How a channel asks.
struct DNSSettings {
  var servers: [SocketAddress]
  /// For the first try at a server; c-ares doubles it each time it has gone through all.
  var timeout: Duration
  var attempts: Int
  var rotates = false
  var usesTCP = false
  var usesEDNS = false
  /// How many questions may be under way; the others wait their turn. Far below the 65,536 identifiers that there are,
  /// of which each needs a free one, and few enough for a socket's buffer.
  var limit = 4096
}

/// Questions to the name servers, by c-ares: its sockets are watched by a loop, and one timer is set to what it says it
/// wants.
///
/// c-ares calls back inside its own functions, at times inside the call that asks. What it says is only noted there, and
/// handed on when its function has returned, so that whoever is told may ask again, or close the channel.
final class DNSChannel {
  /// Unsafe: c-ares has a reference to each question that it is working on, and gives it back in its one callback.
  final class Query {
    let question: DNSQuestion
    let done: (DNSAnswer) -> Void
    unowned let channel: DNSChannel
    var id: UInt16 = 0
    /// The last response code with which a server made c-ares try the next one, 0 for none.
    var refusal: UInt8 = 0
    /// How its letters were drawn when it was asked.
    var letters: DNSQuestionCase?
    /// The ports that it was asked from, more than one where it was asked again.
    var ports: [DNSPort] = []
    /// Whether what is under way repeats the question in other letters than it was asked in.
    var isUnverified = false
    /// How often it was so.
    var mismatches = 0
    /// Whether it was asked with EDNS (RFC 6891), and no server has said since that it does not know that.
    var isExtended = false
    /// Whether what is under way is a server's saying so: then it is asked again, without.
    var isNotUnderstood = false

    init(_ question: DNSQuestion, _ channel: DNSChannel, _ done: @escaping (DNSAnswer) -> Void) {
      self.question = question
      self.channel = channel
      self.done = done
    }
  }

  private var channel: ares_channel?
  let settings: DNSSettings
  var usesEDNS: Bool
  private let loop: any DNSLoop
  var underWay: [UInt16: Query] = [:]
  private var identifiers: [UInt16] = []
  /// The `errno` with which a socket could not be had, 0 when the last could: c-ares calls that a server that cannot be
  /// reached.
  var socketFailure: CInt = 0
  private var waiting = Fifo<Query>()
  var ports = DNSPorts()
  /// The port that c-ares has been told of as readable.
  var reading: DNSPort?
  var streams: [CInt: DNSStream] = [:]
  /// How many answers in a row have repeated their question in other letters.
  var mismatchesInARow = 0
  private var answered = Fifo<(query: Query, answer: DNSAnswer)>()
  /// Whether a function of c-ares, or the handing on of answers, is running.
  private var isBusy = false
  private var timer = Deadline.never

  init(_ settings: DNSSettings, on loop: any DNSLoop) throws {
    self.settings = settings
    self.loop = loop
    usesEDNS = settings.usesEDNS
    channel = try open()
    loop.process = { [unowned self] readable, writable in process(readable, writable) }
  }

  deinit { close() }

  /// Whether no question is under way or waiting.
  var isIdle: Bool { underWay.isEmpty && waiting.isEmpty && answered.isEmpty }

  /// Ends the questions under way without telling anybody, and closes the sockets.
  func close() {
    guard let open = channel else { return }
    channel = nil
    isBusy = true
    bypassingRedirect { ares_destroy(open) }
    underWay = [:]
    waiting = Fifo()
    answered = Fifo()
    loop.stop()
    loop.process = nil
  }

  /// Asks; `done` is called on the same thread later, or at once where the question cannot be asked. It must not park.
  func ask(_ question: DNSQuestion, _ done: @escaping (DNSAnswer) -> Void) {
    waiting.append(Query(question, self, done))
    if !isBusy { work {} }
  }

  private func process(_ readable: CInt, _ writable: CInt) {
    if readable < 0 && writable < 0 { timer = .never }
    work {
      reading = ports[readable]
      ares_process_fd(channel, reading?.handle ?? readable, writable)
      reading = nil
    }
  }

  /// Calls c-ares, and then does all that this has led to.
  private func work(_ body: () -> Void) {
    isBusy = true
    bypassingRedirect(body)
    repeat {
      while channel != nil, underWay.count < settings.limit, let query = waiting.popFirst() { send(query) }
      guard let (query, answer) = answered.popFirst() else { break }
      query.done(answer)
    } while channel != nil
    guard channel != nil else { return }
    isBusy = false
    setTimer()
  }

  private func send(_ query: Query) {
    repeat { query.id = nextIdentifier() } while underWay[query.id] != nil
    var packet: UnsafeMutablePointer<UInt8>?
    var length: CInt = 0
    let status = ares_create_query(
      DNSName.withoutNumbers(query.question.spelling), CInt(1), CInt(query.question.type.rawValue), query.id, 1,
      &packet, &length, usesEDNS ? Self.ednsSize : 0)
    defer { ares_free_string(packet) }
    guard status == ARES_SUCCESS, let packet else {
      return answered.append((query, DNSAnswer(outcome(status, refusal: 0))))
    }
    query.isExtended = usesEDNS
    query.letters = DNSQuestionCase(
      in: UnsafeMutableBufferPointer(start: packet, count: Int(length)), isDrawn: drawsLetters(of: query))
    underWay[query.id] = query
    bypassingRedirect {
      ares_send(
        channel, packet, length,
        { argument, status, _, bytes, count in
          let query = Unmanaged<Query>.fromOpaque(argument!).takeRetainedValue()
          // Of a channel that is being closed, nobody hears any more.
          if status != ARES_EDESTRUCTION { query.ended(status, bytes, count) }
        }, Unmanaged.passRetained(query).toOpaque())
    }
  }

  /// By the kernel's random numbers, many at a time, and not by c-ares, whose generator a forked child would share.
  private func nextIdentifier() -> UInt16 {
    if identifiers.isEmpty {
      identifiers = [UInt16](unsafeUninitializedCapacity: 128) { room, count in
        // getentropy(3) fails for a length above 256 only, or on a kernel without getrandom(2).
        let failed = getentropy(room.baseAddress!, room.count * MemoryLayout<UInt16>.size) != 0
        for index in room.indices where failed { room[index] = .random(in: .min ... .max) }
        count = room.count
      }
    }
    return identifiers.removeLast()
  }

  fileprivate func ended(_ query: Query, _ answer: DNSAnswer) {
    underWay[query.id] = nil
    for port in query.ports { ports.ended(port) { watch($0, readable: false, writable: false) } }
    query.ports = []
    guard channel != nil else { return }
    if query.isUnverified || query.isNotUnderstood {
      query.isUnverified = false
      query.isNotUnderstood = false
      waiting.append(query)
    } else {
      answered.append((query, answer))
    }
  }

  /// `ares_timeout(3)` looks at every question under way, so it is not asked for each. A question's time is the
  /// channel's timeout at least, so a timer that is set to no later than that after now is early enough for what was
  /// asked since; when it fires with nothing to do it is set to the exact time of the rest.
  private func setTimer() {
    guard !underWay.isEmpty else {
      if timer != .never { loop.setTimer(.never) }
      timer = .never
      return
    }
    guard timer > .after(settings.timeout) else { return }
    var time = timeval()
    guard ares_timeout(channel, nil, &time) != nil else { return }
    // A millisecond more: c-ares cuts to whole ones, and would not yet find the time passed.
    timer = .after(.seconds(time.tv_sec) + .microseconds(time.tv_usec) + .milliseconds(1))
    loop.setTimer(timer)
  }

  func watch(_ descriptor: CInt, readable: Bool, writable: Bool) {
    loop.watch(descriptor, readable: readable, writable: writable)
  }

  fileprivate func outcome(_ status: CInt, refusal: UInt8) -> DNSAnswer.Outcome {
    if refusal == 2 { return .serverFailure }
    if refusal != 0 { return .refused }
    switch status {
    case ARES_ETIMEOUT: return .unanswered
    case ARES_ECONNREFUSED:
      return socketFailure == 0 ? .unreachable : .failed(String(cString: strerror(socketFailure)))
    // .onion, which RFC 7686 keeps out of the DNS.
    case ARES_ENOTFOUND: return .noName
    case ARES_EBADRESP: return .malformed(String(cString: ares_strerror(status)))
    default: return .failed(String(cString: ares_strerror(status)))
    }
  }
}

extension DNSChannel.Query {
  fileprivate func ended(_ status: CInt, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: CInt) {
    if status == ARES_SUCCESS, let bytes {
      var packet = [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
      letters?.restore(in: &packet)
      channel.ended(self, DNSAnswer(packet, to: question))
    } else {
      // c-ares has asked again itself, and nobody has answered that.
      isNotUnderstood = false
      channel.ended(self, DNSAnswer(channel.outcome(status, refusal: refusal)))
    }
  }
}
