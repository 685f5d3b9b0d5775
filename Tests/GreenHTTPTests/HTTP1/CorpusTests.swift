import GreenHTTP
import RequestCorpus
import SuiteSupport
import Testing

/// The corpus of requests, right and wrong, over a connection in memory: what comes of each is what its file says, however
/// the bytes come.
@Suite(.bounded) struct CorpusTests {
  /// Byte by byte, and in random pieces; what is very long in pieces alone.
  private func seeds(of one: RequestCase) -> [UInt64?] { one.bytes.count < 100_000 ? [nil, 1, 2, 3, 4] : [1] }

  private func outcome(_ one: RequestCase, _ stream: ScriptedStream, readsBody: Bool = true) -> [String] {
    HTTPConnection(stream: stream, application: Mirror(readsBody: readsBody)).serve()
    return one.outcome(of: stream.sent)
  }

  @Test(arguments: Corpus.files)
  func whatComesOfARequestDoesNotDependOnHowItComes(_ file: String) throws {
    for one in try Corpus.cases(in: file) {
      #expect(outcome(one, ScriptedStream([.bytes(one.bytes), .end])) == one.outcome, "\(one)")
      for seed in seeds(of: one) {
        #expect(outcome(one, .pieces(one.bytes, seed: seed)) == one.outcome, "\(one), in the pieces of \(seed ?? 0)")
      }
    }
  }

  /// A body that a handler does not read is looked at all the same: as many requests are served, and none that is in a body
  /// that cannot be relied on.
  ///
  /// Whether a client that expects to be told to go on has waited for that depends on how its bytes come.
  @Test(arguments: Corpus.files.filter { $0 != "expect" })
  func noRequestIsFoundInABodyThatNobodyReads(_ file: String) throws {
    for one in try Corpus.cases(in: file) {
      let unread = outcome(one, ScriptedStream([.bytes(one.bytes), .end]), readsBody: false)
      for seed in seeds(of: one) {
        #expect(outcome(one, .pieces(one.bytes, seed: seed), readsBody: false) == unread, "\(one)")
      }
      // No more than that is read of a body.
      if one.bytes.count < 60_000 { #expect(unread.last == one.outcome.last, "\(one): \(unread)") }
      #expect(unread.count <= one.outcome.count, "\(one): \(unread)")
    }
  }

  @Test func thereAreFiveHundred() throws {
    let all = try Corpus.all()
    #expect(all.count >= 500)
    #expect(all.count { $0.bytes.contains(Array("chunked".utf8)) } >= 250)
  }
}
