import CaseSupport
import Glibc
import Green
import WaitCalls

private typealias Stream = UnsafeMutablePointer<FILE>

private let line = "7 of these\n"

/// The ends of a pipe or of a socket, which hold much.
private func roomyEnds(isSocket: Bool) -> (read: CInt, write: CInt) {
  if !isSocket {
    let ends = makePipe()
    let setPipeSize: CInt = 1031  // F_SETPIPE_SZ
    _ = fcntl(ends.write, setPipeSize, 1 << 20)
    return ends
  }
  let ends = makeSocketPair()
  var room: CInt = 1 << 20
  setsockopt(ends.1, SOL_SOCKET, SO_SNDBUF, &room, 4)
  return (ends.0, ends.1)
}

/// Fills a descriptor with lines, by another thread so that it costs no fiber anything: how many.
private func fill(_ descriptor: CInt, isSocket: Bool) -> Int {
  nonisolated(unsafe) var lines = 0
  // So little is written whole or not at all.
  let block = String(repeating: line, count: 300)
  PlainThread {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    while write(descriptor, block, block.utf8.count) == block.utf8.count { lines += 300 }
    _ = fcntl(descriptor, F_SETFL, 0)
  }.join()
  return lines
}

/// Reads what fills a pipe, and what fills a socket some times: others have their turn at least once for so many calls.
private func givesWay(_ name: String, every calls: Int, line: Int = #line, _ body: @escaping (Stream) -> Bool) throws {
  for isSocket in [false, true] {
    let ends = roomyEnds(isSocket: isSocket)
    let stream = fdopen(ends.read, "r")!
    nonisolated(unsafe) let (unsafe, read) = (stream, body)
    var (made, count) = (0, 0)
    for _ in 0..<(isSocket ? 8 : 2) {
      let lines = fill(ends.write, isSocket: isSocket)
      nonisolated(unsafe) var done = 0
      count += try othersTurns {
        while done < lines && read(unsafe) { done += 1 }
      }
      made += done
    }
    let expected = made / calls / 2
    try expect(count >= expected, "\(count) turns, not \(expected), during \(made) of \(name)", line: line)
    fclose(stream)
    close(ends.write)
  }
}

/// The same of calls that write lines, where another thread reads them as fast as they come.
private func givesWayWriting(_ name: String, line: Int = #line, _ body: @escaping (Stream) -> Bool) throws {
  let ends = roomyEnds(isSocket: false)
  let stream = fdopen(ends.write, "w")!
  let calls = 60_000
  nonisolated(unsafe) let (unsafe, write) = (stream, body)
  let reader = PlainThread {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while read(ends.read, &bytes, bytes.count) > 0 {}
  }
  let count = try othersTurns {
    for _ in 0..<calls { try expect(write(unsafe), "\(name): errno \(errno)", line: line) }
  }
  try expect(count >= calls / 512, "\(count) turns during \(calls) of \(name)", line: line)
  fclose(stream)
  reader.join()
  close(ends.read)
}

let streamHoldCases = [
  Case("who reads a stream of a pipe or a socket lets others run, also where its writer keeps up") {
    var text = [CChar](repeating: 0, count: 64)
    var wide = [wchar_t](repeating: 0, count: 64)
    var (buffer, room): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    var number: CInt = 0
    try givesWay("fgets", every: 256) { fgets(&text, 64, $0) != nil }
    try givesWay("getline", every: 256) { getline(&buffer, &room, $0) > 0 }
    try givesWay("fread", every: 256) { fread(&text, line.utf8.count, 1, $0) == 1 }
    // A call finds one in the buffer mostly.
    try givesWay("fgetc", every: 20_000) { stream in line.utf8.allSatisfy { fgetc(stream) == CInt($0) } }
    try givesWay("getc_unlocked", every: 20_000) { stream in line.utf8.allSatisfy { calls_get(stream) == CInt($0) } }
    try givesWay("fscanf", every: 256) {
      // No number follows the first word.
      calls_scan($0, &text, &number) >= 0 && fgets(&text, 64, $0) != nil
    }
    setlocale(LC_CTYPE, "C.UTF-8")
    try givesWay("fgetws", every: 256) { stream in
      fwide(stream, 1)
      return fgetws(&wide, 64, stream) != nil
    }
    free(buffer)
  },
  Case("who writes to a stream of a pipe lets others run, also where its reader keeps up") {
    let wide = line.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
    try givesWayWriting("fputs") { fputs(line, $0) >= 0 }
    try givesWayWriting("fwrite") { fwrite(line, line.utf8.count, 1, $0) == 1 }
    try givesWayWriting("fprintf") { calls_print($0, "word", 7) > 0 }
    setlocale(LC_CTYPE, "C.UTF-8")
    try givesWayWriting("fputws") { fputws(wide, $0) >= 0 }
  },
]
