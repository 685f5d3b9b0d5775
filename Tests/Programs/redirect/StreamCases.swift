import CaseSupport
import Glibc
import Green
import WaitCalls

private typealias Stream = UnsafeMutablePointer<FILE>

private func streams() -> (read: Stream, write: Stream) {
  let ends = makePipe()
  return (fdopen(ends.read, "r")!, fdopen(ends.write, "w")!)
}

/// Writes pieces to a descriptor, with pauses between them.
private func trickle(_ pieces: [String], to descriptor: CInt) -> Fiber<Void> {
  Fiber.spawn {
    for piece in pieces {
      usleep(15_000)
      try expectEqual(write(descriptor, piece, piece.utf8.count), piece.utf8.count)
    }
    close(descriptor)
  }
}

private func reading(_ pieces: [String], _ body: @escaping (Stream) throws -> Void) throws {
  let ends = makePipe()
  let stream = fdopen(ends.read, "r")!
  let writer = trickle(pieces, to: ends.write)
  try whileOthersRun { try body(stream) }
  try writer.value
  try expectEqual(fclose(stream), 0)
}

let streamCases = [
  Case("fgets waits for the rest of a line") {
    try reading(["one", " line\nand", " another\n", "end"]) { stream in
      var line = [CChar](repeating: 0, count: 64)
      for expected in ["one line\n", "and another\n", "end"] {
        try expect(fgets(&line, 64, stream) != nil, "no line")
        try expectEqual(text(line), expected)
      }
      try expect(fgets(&line, 64, stream) == nil, "a line after the end")
      try expect(feof(stream) != 0 && ferror(stream) == 0, "the flags")
    }
  },
  Case("fread waits for all that was asked for") {
    try reading(["abc", "def", "gh"]) { stream in
      var bytes = [UInt8](repeating: 0, count: 16)
      try expectEqual(fread(&bytes, 2, 3, stream), 3)
      try expectEqual(String(decoding: bytes[..<6], as: UTF8.self), "abcdef")
      try expectEqual(fread(&bytes, 4, 1, stream), 0, "half an element")
      try expect(feof(stream) != 0, "not at the end")
    }
  },
  Case("getline, getdelim, fgetc, ungetc and the macros wait") {
    try reading(["a long", " line\nx;", "yz"]) { stream in
      var line: UnsafeMutablePointer<CChar>?
      var room = 0
      try expectEqual(getline(&line, &room, stream), 12)
      try expectEqual(String(cString: line!), "a long line\n")
      try expectEqual(getdelim(&line, &room, CInt(UInt8(ascii: ";")), stream), 2)
      try expectEqual(fgetc(stream), CInt(UInt8(ascii: "y")))
      try expectEqual(ungetc(CInt(UInt8(ascii: "q")), stream), CInt(UInt8(ascii: "q")))
      try expectEqual(calls_get(stream), CInt(UInt8(ascii: "q")))
      try expectEqual(calls_get(stream), CInt(UInt8(ascii: "z")))
      try expectEqual(calls_get(stream), EOF)
      try expectEqual(getline(&line, &room, stream), -1)
      free(line)
    }
  },
  Case("fscanf waits, and leaves what it does not take") {
    try reading(["ap", "ple 1", "2 pear 7x"]) { stream in
      var word = [CChar](repeating: 0, count: 16)
      var number: CInt = 0
      try expectEqual(calls_scan(stream, &word, &number), 2)
      try expectEqual(text(word), "apple")
      try expectEqual(number, 12)
      try expectEqual(calls_scan(stream, &word, &number), 2)
      try expectEqual(number, 7)
      try expectEqual(fgetc(stream), CInt(UInt8(ascii: "x")))
      try expectEqual(calls_scan(stream, &word, &number), EOF)
    }
  },
  Case("a full pipe makes the writers of streams wait") {
    let (reader, writer) = streams()
    let text = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
    try whileOthersRun {
      let drain = Fiber.spawn { () -> [UInt8] in
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 20_000)
        while true {
          usleep(2000)
          let count = fread(&bytes, 1, bytes.count, reader)
          if count == 0 { return all }
          all += bytes[..<count]
        }
      }
      try expectEqual(fwrite(text, 3, text.count / 3, writer), text.count / 3)
      for _ in 0..<3000 { try expect(fputs("line of text\n", writer) >= 0, "fputs") }
      for _ in 0..<100 { try expectEqual(calls_print(writer, "word", 42), 8) }
      for _ in 0..<5000 { try expectEqual(calls_put(46, writer), 46) }
      try expectEqual(fputc(33, writer), 33)
      try expectEqual(fclose(writer), 0)
      let all = try drain.value
      let rest =
        String(repeating: "line of text\n", count: 3000) + String(repeating: "word 42\n", count: 100)
        + String(repeating: ".", count: 5000) + "!"
      try expectEqual(all.count, text.count + rest.utf8.count)
      try expect(Array(all[..<text.count]) == text, "the bytes are others")
      try expect(Array(all[text.count...]) == Array(rest.utf8), "the text is another")
    }
    fclose(reader)
  },
  Case("a stream's buffer holds until it is full, flushed or at the end of a line") {
    for (mode, expected) in [(_IOFBF, ""), (_IOLBF, "a line\n"), (_IONBF, "a line\nand")] {
      let ends = makePipe()
      let stream = fdopen(ends.write, "w")!
      setvbuf(stream, nil, mode, 1024)
      fputs("a line\nand", stream)
      var available: CInt = 0
      _ = ioctl(ends.read, UInt(FIONREAD), &available)
      try expectEqual(Int(available), expected.utf8.count, "bytes out in mode \(mode)")
      try expectEqual(fflush(stream), 0)
      _ = ioctl(ends.read, UInt(FIONREAD), &available)
      try expectEqual(available, 10, "bytes out after fflush")
      fclose(stream)
      close(ends.read)
    }
  },
  Case("a stream over a socket both reads and writes") {
    let ends = makeSocketPair()
    let streams = (fdopen(ends.0, "r+")!, fdopen(ends.1, "r+")!)
    try whileOthersRun {
      let echo = Fiber.spawn {
        var line = [CChar](repeating: 0, count: 100)
        while fgets(&line, 100, streams.1) != nil {
          usleep(2000)
          fputs(line, streams.1)
          fflush(streams.1)
        }
        fclose(streams.1)
      }
      var line = [CChar](repeating: 0, count: 100)
      for index in 0..<10 {
        try expect(calls_print(streams.0, "ping", CInt(index)) > 0, "fprintf")
        try expectEqual(fflush(streams.0), 0)
        try expect(fgets(&line, 100, streams.0) != nil, "no answer")
        try expectEqual(text(line), "ping \(index)\n")
      }
      fclose(streams.0)
      try echo.value
    }
  },
  Case("a stream that a fiber has locked is another's only after it") {
    let (reader, writer) = streams()
    try whileOthersRun {
      let fibers = (0..<10).map { index in
        Fiber.spawn {
          flockfile(writer)
          for _ in 0..<3 {
            fputs("\(index)", writer)
            usleep(1000)
          }
          funlockfile(writer)
        }
      }
      usleep(1000)
      try expect(ftrylockfile(writer) != 0, "it could be locked")
      let thread = PlainThread { fputs("ttt", writer) }
      for fiber in fibers { try fiber.value }
      thread.join()
      fclose(writer)
      var bytes = [CChar](repeating: 0, count: 100)
      try expect(fgets(&bytes, 100, reader) != nil, "nothing came")
      let all = text(bytes)
      try expectEqual(all.count, 33)
      for start in stride(from: 0, to: 33, by: 3) {
        let three = Set(all.dropFirst(start).prefix(3))
        try expectEqual(three.count, 1, "in \(all) at \(start)")
      }
    }
    fclose(reader)
  },
  Case("a file that a fiber has locked is not written into by another") {
    let file = tmpfile()!
    try together(
      (0..<5).map { index in
        {
          flockfile(file)
          fputs("\(index)", file)
          usleep(2000)
          fputs("\(index)", file)
          funlockfile(file)
        }
      } + [{ for _ in 0..<5 { fputs("..", file); usleep(1000) } }])
    rewind(file)
    var bytes = [CChar](repeating: 0, count: 100)
    try expect(fgets(&bytes, 100, file) != nil, "nothing was written")
    let all = Array(text(bytes))
    for start in stride(from: 0, to: all.count, by: 2) { try expectEqual(all[start], all[start + 1], "\(all)") }
    fclose(file)
  },
  Case("who has had its turn taken in the midst of a call does not write into a file that was locked meanwhile") {
    let file = tmpfile()!
    var locked = 0
    try together(
      {
        // So many that its turns end within fputs.
        while locked < 20 { fputs(".", file) }
      },
      {
        while locked < 20 {
          locked += 1
          flockfile(file)
          fputs("[", file)
          usleep(200)
          fputs("]", file)
          funlockfile(file)
          usleep(1)
        }
      })
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    try expectEqual(fread(&bytes, 1, bytes.count, file), bytes.count)
    fclose(file)
    let opened = bytes.indices.filter { bytes[$0] == UInt8(ascii: "[") }
    try expectEqual(opened.count, 20)
    for index in opened { try expectEqual(bytes[index + 1], UInt8(ascii: "]"), "at \(index)") }
  },
  Case("a stream that was told not to block says so") {
    let ends = makePipe()
    _ = fcntl(ends.read, F_SETFL, O_NONBLOCK)
    let stream = fdopen(ends.read, "r")!
    try expectEqual(fgetc(stream), EOF)
    try expectEqual(errno, EAGAIN)
    try expect(ferror(stream) != 0, "no error flag")
    clearerr(stream)
    write(ends.write, "x", 1)
    try expectEqual(fgetc(stream), 120)
    fclose(stream)
  },
  Case("a cancelled fiber's stream fails, and keeps what was not written") {
    let (reader, writer) = streams()
    let fiber = Fiber.spawn {
      try expectEqual(fgetc(reader), EOF)
      try expectEqual(errno, ECANCELED)
      try expect(ferror(reader) != 0, "no error flag")
    }
    usleep(5000)
    fiber.cancel()
    try fiber.value
    // A full pipe, and bytes that wait for room.
    let descriptor = fileno(writer)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var bytes = [UInt8](repeating: 0, count: 4096)
    while write(descriptor, bytes, bytes.count) > 0 {}
    _ = fcntl(descriptor, F_SETFL, 0)
    let other = Fiber.spawn {
      fputs("rest", writer)
      try expectEqual(fflush(writer), EOF)
      try expectEqual(errno, ECANCELED)
      while read(fileno(reader), &bytes, bytes.count) == bytes.count {
        var available: CInt = 0
        _ = ioctl(fileno(reader), UInt(FIONREAD), &available)
        if available == 0 { break }
      }
      try expectEqual(fflush(writer), 0)
      try expectEqual(read(fileno(reader), &bytes, bytes.count), 4)
    }
    usleep(5000)
    other.cancel()
    try other.value
    fclose(writer)
    fclose(reader)
  },
  Case("a number of a stream that fclose closed is waited for again") {
    for _ in 0..<20 {
      let (reader, writer) = streams()
      let fiber = Fiber.spawn { fgetc(reader) }
      usleep(1000)
      fputc(65, writer)
      fflush(writer)
      try expectEqual(try fiber.value, 65)
      fclose(writer)
      fclose(reader)
    }
  },
]
