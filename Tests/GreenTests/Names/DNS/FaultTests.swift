import Green
import SuiteSupport
import TestSupport
import Testing

/// What a name server may do wrong.
private enum Fault: String, CaseIterable {
  case empty, shortHeader, garbage, onlyHeader, cutInRecord, wrongIdentifier, wrongQuestion, circle, longName
  case pointerForward, pointerToItself, tooManyRecords, addressTooShort, isQuestion, twoQuestions, longLabel,
    manyAliases
  case aliasCircle, otherOwner, otherClass, textOverrun, ladder

  func answer(_ query: NameServer.Query) -> [UInt8] {
    let good = query.answer([.a(query.name, "10.0.0.1")])
    let answerAt = query.answer().count
    // The name of a record whose data follows; 12 is where the question's name is.
    func record(_ name: [UInt8], data: [UInt8], type: UInt8 = 1, class number: UInt8 = 1) -> [UInt8] {
      var bytes = query.answer()
      bytes[7] = 1
      let length = data.count
      return bytes + name + [0, type, 0, number, 0, 0, 1, 0, UInt8(length >> 8), UInt8(length & 255)] + data
    }
    switch self {
    case .empty: return []
    case .shortHeader: return Array(good.prefix(7))
    case .garbage: return (0..<200).map { _ in UInt8.random(in: 0...255) }
    case .onlyHeader: return Array(good.prefix(12))
    case .cutInRecord: return Array(good.dropLast(3))
    case .wrongIdentifier: return [good[0] ^ 0xff, good[1]] + good.dropFirst(2)
    case .wrongQuestion: return Array(good.prefix(13)) + [good[13] ^ 1] + good.dropFirst(14)
    case .circle: return record([0xc0, UInt8(answerAt)], data: [10, 0, 0, 1])
    case .longName:
      return record(
        (0..<5).flatMap { _ in [UInt8(60)] + [UInt8](repeating: 97, count: 60) } + [0], data: [10, 0, 0, 1])
    case .pointerForward: return record([0xc0, UInt8(answerAt + 12)], data: [10, 0, 0, 1])
    case .pointerToItself: return record([1, 97, 0xc0, UInt8(answerAt)], data: [10, 0, 0, 1])
    case .tooManyRecords:
      var bytes = good
      bytes[6] = 0xff
      return bytes
    case .addressTooShort: return record([0xc0, 12], data: [10, 0, 0])
    case .isQuestion:
      var bytes = good
      bytes[2] &= 0x7f
      return bytes
    case .twoQuestions:
      var bytes = good
      bytes[5] = 2
      return bytes
    case .longLabel: return record([0x80, 12], data: [10, 0, 0, 1])
    case .manyAliases:
      let chain = (0..<30).map { NameServer.Record.cname($0 == 0 ? query.name : "c\($0).test", "c\($0 + 1).test") }
      return query.answer(chain + [.a("c30.test", "10.0.0.1")])
    case .aliasCircle: return query.answer([.cname(query.name, "b.test"), .cname("b.test", query.name)])
    case .otherOwner: return query.answer([.a("other.test", "10.6.6.6")])
    case .otherClass: return record([0xc0, 12], data: [10, 6, 6, 6], class: 3)
    case .ladder:
      // Data of pointers, each to the one before, and a record whose name begins at the last.
      let steps = 200
      let start = answerAt + 12
      let rungs = (0..<steps).flatMap { step -> [UInt8] in
        let target = step == 0 ? 12 : start + 2 * (step - 1)
        return [0xc0 | UInt8(target >> 8), UInt8(target & 255)]
      }
      var bytes = record([0xc0, 12], data: rungs, type: 16)
      bytes[7] = 2
      let last = start + 2 * (steps - 1)
      return bytes + [0xc0 | UInt8(last >> 8), UInt8(last & 255), 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 10, 0, 0, 1]
    case .textOverrun: return record([0xc0, 12], data: [200, 97], type: 16)
    }
  }

  /// Whether c-ares does not take it for an answer at all, and waits for another.
  var isIgnored: Bool {
    switch self {
    case .empty, .shortHeader, .garbage, .onlyHeader, .wrongIdentifier, .wrongQuestion, .twoQuestions: true
    default: false
    }
  }
}

@Suite(.bounded) struct FaultTests {
  @Test(arguments: Fault.allCases)
  private func aFaultyAnswerIsAnError(_ fault: Fault) throws {
    let server = try NameServer { .answer(fault.answer($0)) }
    try lookingUp(
      at: server, try NameFiles(),
      change: {
        // What is no answer is waited for to the end; what is one may take its time on a busy machine.
        $0.timeout = fault.isIgnored ? .milliseconds(30) : .seconds(10)
        $0.attempts = 2
      }
    ) {
      let hints = AddressHints(family: 2, socketType: 1)
      let deadline = Deadline.after(.seconds(20))
      let error = failure { try Resolver.addressInfo(host: "www.test", service: nil, hints: hints, until: deadline) }
      switch fault {
      case .otherOwner, .otherClass: #expect(error == .noData("www.test"))
      case _ where fault.isIgnored: #expect(error == .unanswered("www.test"), "\(String(describing: error))")
      default:
        guard case .malformedAnswer("www.test", _) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
  }

  @Test func forgedAnswersArePassedOverForTheTrueOne() throws {
    let server = try NameServer { query in
      let forged = query.answer([.a(query.name, "10.6.6.6")])
      let otherIdentifier = [forged[0] ^ 0x55, forged[1]] + forged.dropFirst(2)
      let otherQuestion = Array(forged.prefix(13)) + [forged[13] ^ 1] + forged.dropFirst(14)
      return .answers([otherIdentifier, otherQuestion, [], query.answer([.a(query.name, "10.0.0.1")])])
    }
    try lookingUp(at: server, try NameFiles()) {
      #expect(hosts("www.test") == .success(["10.0.0.1"]))
      #expect(server.count(of: "www.test") == 2)
    }
  }

  @Test func randomAnswersNeverTrap() throws {
    let server = try NameServer { query in
      var bytes = query.answer(
        [
          .cname(query.name, "b.test"), .a("b.test", "10.0.0.1"), .mx(query.name, 1, "m.test"),
          .txt(query.name, ["x", "y"]),
          .srv(query.name, priority: 1, weight: 1, port: 1, "s.test"), .ptr(query.name, "p.test"),
        ],
        authorities: [.soa("test", minimum: 1)])
      // The header and the question stay, so that c-ares takes it; the rest changes.
      let start = query.answer().count
      for _ in 0..<Int.random(in: 1...8) {
        bytes[Int.random(in: start..<bytes.count)] = UInt8.random(in: 0...255)
      }
      if Bool.random() { bytes[7] = UInt8.random(in: 0...20) }
      if Bool.random() { bytes = Array(bytes.prefix(Int.random(in: start...bytes.count))) }
      return .answer(bytes)
    }
    try lookingUp(at: server, try NameFiles(), change: { $0.timeout = .milliseconds(200) }) {
      let fibers = (0..<300).map { index in
        Fiber.spawn {
          let deadline = Deadline.after(.seconds(5))
          for _ in 0..<5 {
            _ = outcome { try Resolver.addresses(of: "n\(index).test", port: 1, until: deadline) }
            _ = outcome { try Resolver.mailExchanges(of: "n\(index).test", until: deadline) }
            _ = outcome { try Resolver.textRecords(of: "n\(index).test", until: deadline) }
            _ = outcome { try Resolver.serviceRecords(of: "n\(index).test", until: deadline) }
            _ = outcome { try Resolver.pointerRecords(of: "n\(index).test", until: deadline) }
          }
        }
      }
      _ = try values(fibers)
      #expect(server.questions.count > 300)
    }
  }

  @Test func overTCPAHangUpIsAnError() throws {
    let server = try NameServer { query in
      query.isOverTCP ? .hangUp : .answer(query.answer(isTruncated: true))
    }
    try lookingUp(at: server, try NameFiles(), change: { $0.timeout = .seconds(1) }) {
      #expect(hosts("www.test") == .failure(.unanswered("www.test")))
      #expect(server.countOverTCP > 0)
    }
  }

  @Test func aServerThatComesBackIsFoundAgain() throws {
    let gone = try NameServer { _ in .silence }
    let address = gone.address
    gone.stop()
    let files = try NameFiles()
    try onHub {
      var configuration = files.configuration
      configuration.nameServers = [address]
      configuration.timeout = .seconds(2)
      Hub.current!.resolverConfiguration = configuration
      #expect(hosts("www.test") == .failure(.unanswered("www.test")))
      let back = try NameServer(port: address.port!, NameServer.zone([.a("www.test", "10.0.0.1")]))
      defer { back.stop() }
      #expect(hosts("www.test") == .success(["10.0.0.1"]))
    }
  }

  @Test func questionsThatFindNobodyEndAtOnceAndTogether() throws {
    let gone = try NameServer { _ in .silence }
    gone.stop()
    try lookingUp(at: gone, try NameFiles(), change: { $0.timeout = .seconds(60) }) {
      let elapsed = try seconds {
        let fibers = (0..<200).map { index in Fiber.spawn { hosts("n\(index).test") } }
        let found = try values(fibers)
        #expect(found.enumerated().allSatisfy { $1 == .failure(.unanswered("n\($0).test")) })
      }
      // Nobody waited for the timeout.
      #expect(elapsed < 30, "\(elapsed) s")
    }
  }
}
