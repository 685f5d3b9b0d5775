/// How much is taken of a form, besides what the limit of its request's body says.
public struct FormLimits: Sendable, Hashable {
  /// The most fields and files together. The default is 1,000, as Werkzeug's.
  public var parts = 1_000
  /// The most files, each of which may be open until the request ends. The default is 100. Parts that are read one after the
  /// other by a ``MultipartReader`` have no such limit.
  public var files = 100
  /// The most bytes of all fields together, which are held in memory. The default is 500 kB, as Werkzeug's.
  public var text = 500_000
  /// The most bytes of the head of one part. The default is 8 kB.
  public var partHead = 8_192
  /// How many bytes of a file are held in memory: one that is longer goes to a temporary file. The default is 64 kB.
  public var memory = 65_536

  /// The defaults.
  public init() {}
}
