/// Calls `body` with each element of a comma-separated list, blanks around it removed (RFC 9110, 5.6.1).
@inline(__always)
func forEachToken(_ list: UnsafeRawPointer, count: Int, _ body: (UnsafeRawPointer, Int) -> Void) {
  func byte(_ index: Int) -> UInt8 { list.load(fromByteOffset: index, as: UInt8.self) }
  var start = 0
  while start < count {
    var end = start
    while end < count, byte(end) != 0x2c { end += 1 }
    var first = start
    var last = end
    while first < last, byte(first) == 0x20 || byte(first) == 0x09 { first += 1 }
    while last > first, byte(last - 1) == 0x20 || byte(last - 1) == 0x09 { last -= 1 }
    if last > first { body(list + first, last - first) }
    start = end + 1
  }
}
