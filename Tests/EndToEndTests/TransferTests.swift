import Foundation
import Green
import SuiteSupport
import TestSupport
import Testing

/// One client that moves much, and another that asks for little, in one green worker.
///
/// `Benchmarks/compare/beside.py` has figures, of a release build and a gigabyte.
@Suite(.serialized, .bounded) struct TransferTests {
  private static let size = 1_000_000_000

  enum Transfer: String, CaseIterable {
    case download, upload

    func run(_ port: UInt16) throws {
      let client = try Client(port: port, timeout: 300)
      switch self {
      case .download:
        try client.send(Array("GET /stream/\(size) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
        #expect(try client.discard() > size)
      case .upload:
        try client.send(Array("POST /take/stream HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\r\n".utf8))
        let piece = [UInt8](repeating: 0, count: 250_000)
        for _ in 0..<(size / piece.count) { try client.send(piece) }
        #expect(try client.receive().body.hasPrefix("\(size) "))
      }
    }
  }

  @Test(arguments: Transfer.allCases)
  func othersAreAnsweredMeanwhile(_ transfer: Transfer) throws {
    let server = try Server(["-k", "green", "-w", "1", "--limit-request-body", "0"])
    let port = server.port
    let asking = try Client(port: port, timeout: 300)
    _ = try asking.get("/plain")
    let isOver = Flag()
    let start = Deadline.now
    let other = Thread.running {
      defer { isOver.set() }
      try transfer.run(port)
    }
    var times: [Double] = []
    while !isOver.isSet {
      times.append(try seconds { () throws in #expect(try asking.get("/plain").status == 200) })
    }
    let whole = start.secondsAgo
    try other.get()
    times.sort()
    // A transfer that kept the worker would leave one answer, after all of it.
    #expect(times.count > 50, "\(times.count) answers in \(whole) s")
    let late = times[times.count * 9 / 10]
    #expect(late < whole / 20, "one in ten took \(late) s or more, the \(transfer) \(whole) s")
    let worker = try #require(server.workers.first)
    // A sanitizer keeps for a while what is given back.
    if Sanitizer.current == nil {
      #expect(try mostResident(worker) < Self.size / 8, "the worker holds what it passes on")
    }
  }

  /// The most memory that a process has had, in bytes.
  private func mostResident(_ pid: pid_t) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }
}
