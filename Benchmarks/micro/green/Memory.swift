internal import Glibc

/// What /proc says of this process's memory, in bytes.
struct Memory {
  let resident: Int
  /// Page tables, which the kernel does not count as resident.
  let tables: Int
  let mappings: Int

  static var now: Memory {
    let status = text(of: "/proc/self/status")
    return Memory(
      resident: kilobytes("VmRSS", in: status) * 1024, tables: kilobytes("VmPTE", in: status) * 1024,
      mappings: text(of: "/proc/self/maps").utf8.count { $0 == UInt8(ascii: "\n") })
  }

  private static func kilobytes(_ name: String, in status: String) -> Int {
    for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
  }

  private static func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
