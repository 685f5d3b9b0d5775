/// The bounds of lingering.
package enum Lingering {
  /// What a client has under way when it is refused can be much; the time bounds it too.
  package static var mostBytes: Int { 16 << 20 }
}
