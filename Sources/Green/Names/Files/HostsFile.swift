internal import Glibc

/// `/etc/hosts`: addresses and their names, `hosts(5)`.
///
/// Such a file may have a hundred thousand lines (lists of hosts to be blocked), so it is kept as it is, with a sorted
/// index of hashes beside it: 16 bytes for each name and address, and a few microseconds for a look-up.
struct HostsFile {
  struct Line {
    let address: IPAddress
    /// The canonical name, then the aliases.
    let names: [String]
  }

  private struct Entry {
    let hash: UInt64
    /// Where the line begins.
    let offset: Int
  }

  private let bytes: [UInt8]
  private var names: [Entry] = []
  private var addresses: [Entry] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var start = 0
    while start < bytes.count {
      let end = Self.lineEnd(bytes, from: start)
      let fields = Fields.fields(Self.withoutComment(bytes[start..<end]))
      if fields.count > 1, let address = Self.address(fields[0]) {
        addresses.append(Entry(hash: Self.hash(address), offset: start))
        for name in fields.dropFirst() { names.append(Entry(hash: Self.hash(name), offset: start)) }
      }
      start = end + 1
    }
    // By hash, and within one hash in the order of the file.
    names.sort { ($0.hash, $0.offset) < ($1.hash, $1.offset) }
    addresses.sort { ($0.hash, $0.offset) < ($1.hash, $1.offset) }
  }

  /// The lines on which a name stands, in any case of its letters, in the order of the file.
  func lines(naming name: String) -> [Line] {
    let wanted = name.utf8.map(\.lowercased)
    return lines(names, Self.hash(wanted[...])).filter { line in
      line.names.contains { $0.utf8.lazy.map(\.lowercased).elementsEqual(wanted) }
    }
  }

  /// The lines of an address, in the order of the file. To an IPv4 address belong those of its mapped form too, and to
  /// 127.0.0.1 those of the IPv6 loopback address.
  func lines(of address: IPAddress) -> [Line] {
    var forms = [address]
    if address.isIPv4 { forms.append(address.mapped) }
    if address == .loopback4 { forms.append(.loopback6) }
    let offsets = forms.flatMap { form in
      self.offsets(addresses, Self.hash(form)).filter { line($0)?.address == form }
    }
    return offsets.sorted().compactMap(line)
  }

  private func lines(_ index: [Entry], _ hash: UInt64) -> [Line] { offsets(index, hash).compactMap(line) }

  private func offsets(_ index: [Entry], _ hash: UInt64) -> [Int] {
    var low = 0
    var high = index.count
    while low < high {
      let middle = (low + high) / 2
      if index[middle].hash < hash { low = middle + 1 } else { high = middle }
    }
    var offset = -1
    return index[low...].prefix { $0.hash == hash }.compactMap { entry in
      // One that stands twice on its line is one line.
      defer { offset = entry.offset }
      return entry.offset == offset ? nil : entry.offset
    }
  }

  private func line(_ start: Int) -> Line? {
    let fields = Fields.fields(Self.withoutComment(bytes[start..<Self.lineEnd(bytes, from: start)]))
    guard fields.count > 1, let address = Self.address(fields[0]) else { return nil }
    return Line(address: address, names: fields.dropFirst().map { String(decoding: $0, as: UTF8.self) })
  }

  private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int {
    bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  }

  private static func withoutComment(_ line: Fields.Bytes) -> Fields.Bytes { line.prefix { $0 != UInt8(ascii: "#") } }

  /// As the C library reads it: `inet_pton(3)`, without a scope.
  private static func address(_ field: Fields.Bytes) -> IPAddress? {
    // The longest: an IPv6 address that ends in an IPv4 one.
    guard field.count < Int(INET6_ADDRSTRLEN) else { return nil }
    return IPAddress(strict: String(decoding: field, as: UTF8.self))
  }

  private static func hash(_ address: IPAddress) -> UInt64 { hash(address.bytes[...]) }

  /// FNV-1a. The file is the administrator's own, so nobody makes its names collide.
  private static func hash(_ name: Fields.Bytes) -> UInt64 {
    name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1.lowercased)) &* 0x100_0000_01b3 }
  }
}
