import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct MetricsTests {
  @Test func `what a worker counts the master reads, and nobody else's slot changes`() throws {
    let master = try Scoreboard(slots: 3, counts: true)
    let worker = try Scoreboard(inherited: dup(master.descriptor))
    let metrics = try #require(worker.metrics(at: 1))
    metrics.countRequest(status: 200, nanoseconds: 30_000, bodyBytes: 12)
    metrics.countRequest(status: 599, nanoseconds: 200_000_000_000, bodyBytes: 0)
    metrics.add(3, to: .refused)
    metrics.fibers = 7
    let seen = try #require(master.metrics(at: 1))
    #expect(seen.answers(status: 200) == 1 && seen.answers(status: 599) == 1 && seen.answers(status: 404) == 0)
    #expect(seen[.bodyBytes] == 12 && seen[.nanoseconds] == 200_000_030_000 && seen[.refused] == 3 && seen.fibers == 7)
    #expect(seen.durations.total == 2 && seen.durations.counts.last == 1)
    for slot in [0, 2] { #expect(try #require(master.metrics(at: slot)).durations.total == 0) }
  }

  @Test func `a scoreboard without figures has none, and takes no more memory`() throws {
    let board = try Scoreboard(slots: 2)
    #expect(board.metrics(at: 0) == nil)
    var status = stat()
    fstat(board.descriptor, &status)
    #expect(status.st_size > 0 && status.st_size < 1024)
  }

  @Test func `what a worker has counted stays when it has gone`() throws {
    let board = try Scoreboard(slots: 2, counts: true)
    var tally = Tally()
    for slot in [0, 1, 0] {
      tally.takeOver(slot, on: board)
      try #require(board.metrics(at: slot)).countRequest(status: 200, nanoseconds: 1, bodyBytes: 1)
    }
    let sum = tally.sum(on: board)
    #expect(sum.answers(status: 200) == 3 && sum[.bodyBytes] == 3)
    #expect(try #require(board.metrics(at: 0)).answers(status: 200) == 1)
  }

  @Test func `quantiles are between the bounds of their bucket`() throws {
    var buckets = DurationBuckets(counts: Array(repeating: 0, count: DurationBuckets.bounds.count + 1))
    #expect(buckets.quantile(0.5) == nil)
    buckets.counts[3] = 100
    #expect(buckets.quantile(0.5) == 75_000)
    #expect(buckets.quantile(1) == 100_000)
    buckets.counts[DurationBuckets.bounds.count] = 900
    #expect(buckets.quantile(0.99) == 100e9)
    #expect(DurationBuckets.bounds == DurationBuckets.bounds.sorted())
    let later = DurationBuckets(counts: buckets.counts.map { $0 + 1 })
    #expect(later.since(buckets).total == UInt64(buckets.counts.count))
  }

  @Test func `the kernel's figures are read whatever the process is called`() throws {
    let fields = (4...52).map { "\($0)" }.joined(separator: " ")
    let figures = try #require(ProcessFigures(stat: "12 (a ) b) S \(fields)\n"))
    #expect(figures.residentBytes == 24 * sysconf(CInt(_SC_PAGESIZE)))
    #expect(figures.processorSeconds == 29 / Double(sysconf(CInt(_SC_CLK_TCK))))
    #expect(ProcessFigures(stat: "12") == nil)
    #expect(try #require(ProcessFigures(of: getpid())).residentBytes > 1 << 20)
  }
}
