internal import Glibc

/// The paths that patterns write out in full, each with its endpoint: found with one look as a rule, where the trie takes one
/// for each segment. What is asked for may be anything; how many places a look passes depends on the routes alone.
///
/// A handle: who makes it gives its memory back.
struct LiteralPaths {
  private struct Place {
    var text = 0
    var length = 0
    /// -1 where nothing is.
    var endpoint: Int32 = -1
  }

  /// At most half of them are taken, so that a look ends.
  private let places: UnsafeMutableBufferPointer<Place>
  private let text: UnsafeMutableRawBufferPointer

  init(_ paths: [(path: [UInt8], endpoint: Int32)]) {
    var size = 2
    while size < 2 * paths.count { size *= 2 }
    places = .allocate(capacity: size)
    places.initialize(repeating: Place())
    text = .allocate(byteCount: paths.reduce(0) { $0 + $1.path.count }, alignment: 1)
    var offset = 0
    for (path, endpoint) in paths {
      UnsafeMutableRawBufferPointer(rebasing: text[offset...]).copyBytes(from: path)
      var index = path.withUnsafeBytes { Self.hash($0) } & (size - 1)
      while places[index].endpoint >= 0 { index = (index + 1) & (size - 1) }
      places[index] = Place(text: offset, length: path.count, endpoint: endpoint)
      offset += path.count
    }
  }

  func deallocate() {
    places.deallocate()
    text.deallocate()
  }

  /// The endpoint of a path as it was sent; -1 where none is written out so. One with escapes has another way.
  @inline(__always)
  func endpoint(of path: UnsafeRawBufferPointer) -> Int32 {
    let last = places.count &- 1
    let places = places.baseAddress.unsafelyUnwrapped
    var index = Self.hash(path) & last
    while true {
      let place = places[index]
      if place.endpoint < 0 { return -1 }
      if place.length == path.count, let base = path.baseAddress, let text = text.baseAddress,
        memcmp(text + place.text, base, path.count) == 0
      {
        return place.endpoint
      }
      index = (index &+ 1) & last
    }
  }

  /// By eights, of which the last may overlap the one before.
  @inline(__always)
  private static func hash(_ path: UnsafeRawBufferPointer) -> Int {
    let count = path.count
    guard count >= 8, let base = path.baseAddress else { return Int(truncatingIfNeeded: mixed(shortWord(path), count)) }
    var hash: UInt64 = 0
    var offset = 0
    while offset &+ 8 < count {
      hash = mixed(hash ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self), count)
      offset &+= 8
    }
    hash = mixed(hash ^ base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self), count)
    return Int(truncatingIfNeeded: hash)
  }

  @inline(__always)
  private static func mixed(_ word: UInt64, _ count: Int) -> UInt64 {
    let product = (word &+ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15
    return product ^ product >> 32
  }

  /// All bytes of a path of fewer than eight.
  @inline(__always)
  private static func shortWord(_ path: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = path.baseAddress, path.count > 0 else { return 0 }
    if path.count >= 4 {
      let end = base.loadUnaligned(fromByteOffset: path.count &- 4, as: UInt32.self)
      return UInt64(base.loadUnaligned(as: UInt32.self)) | UInt64(end) << 32
    }
    return UInt64(path[0]) | UInt64(path[path.count / 2]) << 8 | UInt64(path[path.count &- 1]) << 16
  }
}
