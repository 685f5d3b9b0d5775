import Green
import GreenSessions
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct PasswordTests {
  @Test func aPasswordHasItsHashAndNoOther() throws {
    let hash = try Password.hash("correct horse", cost: 1)
    #expect(hash.hasPrefix("$y$"))
    let other = try Password.hash("correct horse", cost: 1)
    #expect(hash != other)
    var isRight = try Password.verify("correct horse", against: hash)
    #expect(isRight)
    for wrong in [
      "", "correct hors", "correct horse ", "Correct horse", "correct horse\0", String(repeating: "x", count: 1000),
    ] {
      isRight = try Password.verify(wrong, against: hash)
      #expect(!isRight, "\(wrong.prefix(20))")
    }
    for broken in ["", "*0", "*", "x", "$y$", "$y$j9T$", hash + "x", String(hash.dropLast()), "$9$abc$def"] {
      isRight = try Password.verify("correct horse", against: broken)
      #expect(!isRight, "\(broken)")
    }
    // Hashes of other programs: sha512crypt.
    isRight = try Password.verify(
      "Hello world!",
      against: "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1")
    #expect(isRight)
  }

  @Test func whatLibcryptWouldCutIsRefused() throws {
    #expect(throws: PasswordError.nul) { try Password.hash("a\0b") }
    #expect(throws: PasswordError.tooLong(512)) { try Password.hash(String(repeating: "x", count: 512)) }
    let long = String(repeating: "ä", count: 255)
    let hash = try Password.hash(long, cost: 1)
    let isRight = try Password.verify(long, against: hash)
    #expect(isRight)
  }

  @Test func nobodyLearnsWhoIsAUser() throws {
    let hash = try Password.hash("x")
    // Outside fibers the calling thread makes it.
    let (known, unknown) = (
      try processorSeconds { _ = try Password.verify("y", against: hash) },
      try processorSeconds { _ = try Password.verify("y", against: nil) }
    )
    #expect(unknown > known / 10 && unknown < known * 10)
    let isRight = try Password.verify("", against: nil)
    #expect(!isRight)
  }

  @Test func theHubGoesOnMeanwhile() throws {
    try onHub {
      var turns = 0
      let ticker = Fiber.spawn {
        while true {
          try Fiber.sleep(for: .milliseconds(1))
          turns += 1
        }
      }
      // Each takes some 30 ms, of which a machine that stands still may leave none to others.
      var hashes = 0
      while turns <= 3 && hashes < 100 {
        _ = try Password.hash("x")
        hashes += 1
      }
      #expect(turns > hashes, "\(turns) turns in \(hashes) hashes")
      ticker.cancel()
    }
  }
}
