internal import CInspect
internal import Glibc

/// What is known of addresses of code, for the whole process. Found once, an address's name is kept.
enum Symbols {
  typealias Frame = FiberBacktrace.Frame

  private static let known = Guarded<[UInt: Frame]>([:])
  /// Enough for the return addresses of any program; a bound for those that load code again and again.
  private static let mostKept = 100_000

  static func frames(for addresses: [UInt]) -> [Frame] {
    let kept = known.withLock { known in addresses.map { known[$0] } }
    let missing = Array(Set(zip(addresses, kept).filter { $1 == nil }.map(\.0)))
    guard !missing.isEmpty else { return kept.compactMap { $0 } }
    // Not under the lock: files are read.
    let found = lookUp(missing)
    known.withLock { known in
      if known.count > mostKept { known = [:] }
      known.merge(found) { $1 }
    }
    return zip(addresses, kept).map { $1 ?? found[$0] ?? Frame(unknown: $0) }
  }

  private static func lookUp(_ addresses: [UInt]) -> [UInt: Frame] {
    final class Result {
      var frames: [UInt: Frame] = [:]
      let addresses: [UInt]
      init(_ addresses: [UInt]) { self.addresses = addresses }
    }
    let result = Result(addresses)
    cinspect_symbolicate(
      addresses, addresses.count, 1,
      { context, index, place in
        let result = Unmanaged<Result>.fromOpaque(context!).takeUnretainedValue()
        let address = result.addresses[index]
        result.frames[address] = Frame(address, place!.pointee)
      }, Unmanaged.passUnretained(result).toOpaque())
    return result.frames
  }
}

extension FiberBacktrace.Frame {
  fileprivate init(unknown address: UInt) {
    self.init(
      address: address, function: nil, symbol: nil, offset: Int(bitPattern: address), image: "", file: nil, line: 0)
  }

  fileprivate init(_ address: UInt, _ place: cinspect_place) {
    let symbol = place.symbol.map { String(cString: $0) }
    var file = place.file.map { String(cString: $0) }
    if let name = file, let directory = place.directory { file = "\(String(cString: directory))/\(name)" }
    self.init(
      address: address, function: place.symbol.map { Self.demangled($0) }, symbol: symbol, offset: place.offset,
      image: String(cString: place.image), file: file, line: Int(place.line))
  }

  private static func demangled(_ symbol: UnsafePointer<CChar>) -> String {
    guard let text = cinspect_demangle(symbol) else { return String(cString: symbol) }
    defer { free(text) }
    return String(cString: text)
  }
}
