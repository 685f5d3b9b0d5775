/// What a client has made a connection do without any use to either, against what has been of use: frames that cost it next
/// to nothing and keep the server busy (CVE-2019-9511 to 9518, CVE-2023-44487).
struct Nuisance {
  private var count = 0
  /// Bytes that have come in no frame that anybody knows.
  private var strayBytes = 0

  /// How much is borne.
  private static var most: Int { 10_000 }
  /// What is forgiven each second: more than any honest client needs to see whether a connection lives.
  private static var forgiven: Int { 100 }

  /// How much content it takes to make up for bare frames.
  static var leastContent: Int { 1_024 }

  private static var mostStrayBytes: Int { 1 << 20 }

  var isTooMuch: Bool { count > Self.most || strayBytes > Self.mostStrayBytes }

  mutating func received(bytes: Int) { strayBytes += bytes }
  /// A frame of a type that is known, of which all will come.
  mutating func frame(of length: Int) { strayBytes -= length + 9 }

  /// A frame that brings no content.
  mutating func bareFrame() { count += 1 }
  /// A request that was made for nothing: taken back, or malformed.
  mutating func lostRequest() { count += 10 }
  /// A frame with content, in either direction.
  mutating func content() { forgive(10) }
  mutating func answered() {
    forgive(20)
    strayBytes = min(strayBytes, 0)
  }
  mutating func timePasses() { forgive(Self.forgiven) }

  private mutating func forgive(_ amount: Int) { count = max(0, count - amount) }
}
