/// The bounds of lingering.
public enum Lingering {
  /// What a client has under way when it is refused can be much; the time bounds it too.
  public static var mostBytes: Int { 16 << 20 }
}
