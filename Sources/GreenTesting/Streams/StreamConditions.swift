/// How well an in-memory connection does: how long bytes are under way, in what pieces they arrive, and whether it breaks.
public struct StreamConditions: Sendable {
  /// How long each piece is under way. Pieces arrive in the order in which they were sent, as those of TCP do.
  public var delay: ClosedRange<Duration>
  /// A receive gets a random number of bytes up to this one, however many have arrived; `nil` for all that there are.
  public var longestReceive: Int? { didSet { longestReceive = longestReceive.map { max(1, $0) } } }
  /// What is sent goes out in pieces of a random number of bytes up to this one, each with a delay of its own; `nil` for
  /// one piece.
  public var longestPiece: Int? { didSet { longestPiece = longestPiece.map { max(1, $0) } } }
  /// How many bytes may be under way or unread in each direction before a sender waits.
  public var capacity: Int { didSet { capacity = max(1, capacity) } }
  /// The probability with which a send resets the connection instead.
  public var resetChance: Double

  /// Conditions, of which those that are not given are perfect. Sizes below 1 are 1, also where they are set later.
  public init(
    delay: ClosedRange<Duration> = .zero ... .zero, longestReceive: Int? = nil, longestPiece: Int? = nil,
    capacity: Int = 65_536, resetChance: Double = 0
  ) {
    self.delay = delay
    self.longestReceive = longestReceive.map { max(1, $0) }
    self.longestPiece = longestPiece.map { max(1, $0) }
    self.capacity = max(1, capacity)
    self.resetChance = resetChance
  }

  /// Everything arrives at once and as it was sent.
  public static let perfect = StreamConditions()

  /// Short reads, small pieces, little room, and delays up to 50 ms: what correct code has to put up with.
  public static let rough = StreamConditions(
    delay: .zero ... .milliseconds(50), longestReceive: 100, longestPiece: 100, capacity: 1000)

  /// As ``rough``, and one send in a hundred resets the connection.
  public static let breaking = StreamConditions(
    delay: .zero ... .milliseconds(50), longestReceive: 100, longestPiece: 100, capacity: 1000, resetChance: 0.01)
}
