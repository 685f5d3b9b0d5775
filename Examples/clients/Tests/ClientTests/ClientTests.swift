import Testing
import Trials

/// A hundred requests at once, each of which waits half a second in another server, are answered by one green worker in a
/// tenth of the time, at the most, that they take one after another. Where nothing else runs it is little more than half a
/// second: see the table that `swift run table` makes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClientTests {
  @Test func libpqWaitsForPostgreSQL() throws { try check(.postgres) }
  @Test func connectorCWaitsForMariaDB() throws { try check(.mariadb) }
  @Test func hiredisWaitsForRedis() throws { try check(.redis) }
  @Test func libcurlWaitsForHTTP() throws { try check(.curl) }
  @Test func libcurlWaitsForHTTPByName() throws { try check(.curlByName) }
  @Test func libcurlWaitsForHTTPS() throws { try check(.curlTLS) }
  @Test func opensslWaitsOnABlockingSocket() throws { try check(.openssl) }
  @Test func libssh2WaitsForACommandElsewhere() throws { try check(.ssh) }
  @Test func foundationSleeps() throws { try check(.foundationSleep) }
  @Test func foundationReadsAPipe() throws { try check(.foundationPipe) }
  @Test func foundationWaitsForAChild() throws { try check(.foundationProcess) }
  @Test func foundationFetchesAPage() throws { try check(.foundationURL) }
  @Test func pythonSleeps() throws { try check(.pythonSleep) }
  @Test func pythonFetchesAPage() throws { try check(.pythonPage) }

  @Test(arguments: ["queue", "pool"])
  func grdbWritesFromTwoWorkers(_ kind: String) throws {
    let trial = try DatabaseTrial(kind, visits: 600)
    #expect(trial.visits == 600)
    #expect(trial.keptItsWorkers, "a worker was replaced")
  }

  private func check(_ trial: Trial) throws {
    let figures = try trial.run(rounds: 1)
    let oneAfterAnother = figures.blocking / Double(figures.blockingCount) * 100
    #expect(figures.best * 10 <= oneAfterAnother, "a hundred at once in \(figures.best) s")
    if !trial.hasThreads { #expect(figures.threads == 1, "threads of the worker") }
    #expect(figures.blocking >= 0.5 * Double(figures.blockingCount), "without the redirect, one after another")
  }
}
