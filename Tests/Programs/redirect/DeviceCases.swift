import CCalls
import CaseSupport
import Glibc
import Green

/// A path of a new file, which is removed at the end.
private func withFile(_ body: (CInt) throws -> Void) throws {
  var path = Array("/tmp/green-device-XXXXXX".utf8CString)
  let descriptor = mkstemp(&path)
  try expect(descriptor >= 0, "errno \(errno)")
  unlink(path)
  defer { close(descriptor) }
  try body(descriptor)
}

/// Makes a call that another thread makes: while it does, another fiber runs, unless the thread was done at once, as it may
/// be one time or another.
private func letsOthersRun(line: Int = #line, _ call: () throws -> Void) throws {
  var ran = false
  // What is done elsewhere may be over before the fiber has begun to wait for it.
  let end = Deadline.after(.seconds(10))
  while !ran && !end.hasPassed {
    let other = Fiber.spawn { ran = true }
    try call()
    let ranMeanwhile = ran
    try other.value
    ran = ranMeanwhile
  }
  try expect(ran, "no other fiber ran", line: line)
}

let deviceCases = [
  Case("a fiber that waits for the disk lets others run") {
    try withFile { file in
      let page = [UInt8](repeating: 1, count: 1 << 20)
      for call in [{ fsync(file) }, { fdatasync(file) }, { ccalls_syncfs(file) }] {
        try letsOthersRun {
          _ = pwrite(file, page, page.count, 0)
          try expectEqual(call(), 0)
        }
      }
      errno = 7
      try expectEqual(fsync(file), 0)
      try expectEqual(errno, 7, "errno after success")
      try expectEqual(fsync(-1), -1)
      try expectEqual(errno, EBADF)
    }
  },
  Case("a long copy of a file lets others run, and copies all") {
    try withFile { from in
      try withFile { to in
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = bytes.withUnsafeBytes { pwrite(from, $0.baseAddress, $0.count, 0) }
        try letsOthersRun {
          lseek(from, 0, SEEK_SET)
          lseek(to, 0, SEEK_SET)
          var done = 0
          while done < bytes.count {
            let count = ccalls_copy(from, to, bytes.count - done)
            try expect(count > 0, "errno \(errno)")
            done += count
          }
        }
        var copied = [UInt8](repeating: 0, count: bytes.count)
        _ = copied.withUnsafeMutableBytes { pread(to, $0.baseAddress, $0.count, 0) }
        try expect(copied == bytes, "other bytes")
      }
    }
  },
  Case("a fiber that writes to the system's log lets others run") {
    try letsOthersRun {
      openlog("green", 0, LOG_USER)
      ccalls_log("a line")
      closelog()
    }
  },
]

let pipeCases = [
  Case("the numbers of C23's scanf are waited for") {
    let ends = try Pipe()
    let writer = Fiber.spawn {
      usleep(20_000)
      _ = write(ends.writing.descriptor, "12 ", 3)
      usleep(20_000)
      _ = write(ends.writing.descriptor, "34\n", 3)
    }
    var (first, second): (CInt, CInt) = (0, 0)
    try whileOthersRun {
      try expectEqual(ccalls_scan_two(dup(ends.reading.descriptor), &first, &second), 2)
    }
    try expectEqual([first, second], [12, 34])
    try writer.value
  },
  Case("eventfd_read, eventfd_write, tee and vmsplice wait in the hub") {
    let counter = ccalls_counter()
    let full = ccalls_counter()
    let (one, other) = (try Pipe(), try Pipe())
    try whileOthersRun {
      let later = Fiber.spawn {
        usleep(20_000)
        _ = ccalls_counter_add(counter, 5)
      }
      try expectEqual(ccalls_counter_read(counter), 5)
      try later.value
    }
    try whileOthersRun {
      _ = ccalls_counter_add(full, .max - 1)
      let later = Fiber.spawn {
        usleep(20_000)
        _ = ccalls_counter_read(full)
      }
      try expectEqual(ccalls_counter_add(full, 5), 0)
      try later.value
    }
    try whileOthersRun {
      let later = Fiber.spawn {
        usleep(20_000)
        _ = write(one.writing.descriptor, "abc", 3)
      }
      try expectEqual(ccalls_tee(one.reading.descriptor, other.writing.descriptor), 3)
      try later.value
    }
    try whileOthersRun {
      // Until the pipe is full.
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let later = Fiber.spawn {
        usleep(30_000)
        var room = [UInt8](repeating: 0, count: 1 << 17)
        _ = read(one.reading.descriptor, &room, room.count)
      }
      try expect(ccalls_vmsplice(one.writing.descriptor, &bytes, bytes.count) > 0, "errno \(errno)")
      try expect(ccalls_vmsplice(one.writing.descriptor, &bytes, bytes.count) > 0, "errno \(errno)")
      try later.value
    }
    close(counter)
    close(full)
  },
]
