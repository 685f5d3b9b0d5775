internal import Glibc

/// What libFuzzer calls, in a program that Scripts/fuzz has linked with it: the target that GREENFINCH_FUZZ names is fed, and a
/// complaint ends the process, so that the input is kept.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  if let complaint = asked.complaint(about: Array(UnsafeBufferPointer(start: bytes, count: count))) {
    fatalError(complaint)
  }
  return 0
}

private let asked: FuzzTarget = {
  let name = getenv("GREENFINCH_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else { fatalError("GREENFINCH_FUZZ names no target: '\(name)'") }
  return target
}()
