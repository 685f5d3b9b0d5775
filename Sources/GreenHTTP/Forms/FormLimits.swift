/// How much is taken of a form, besides what the limit of its request's body says.
public struct FormLimits: Sendable, Hashable {
  /// The most fields and files together. The default is 1,000, as Werkzeug's.
  public var parts = 1_000
  /// The most bytes of all fields together, which are held in memory. The default is 500 kB, as Werkzeug's.
  public var text = 500_000
  /// The most bytes of the head of one part. The default is 8 kB.
  public var partHead = 8_192
  /// How many bytes of a file are held in memory: one that is longer goes to a temporary file. The default is 64 kB.
  public var memory = 65_536

  /// The defaults.
  public init() {}
}
