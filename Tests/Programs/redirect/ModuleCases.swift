import CCalls
import CaseSupport
import Glibc
import Green

/// Compiles a library of C and gives its path to the body.
private func withLibrary(_ name: String, _ source: String, _ body: (String) throws -> Void) throws {
  var folder = Array("/tmp/green-module-XXXXXX".utf8CString)
  try expect(mkdtemp(&folder) != nil, "errno \(errno)")
  let path = text(folder) + "/" + name
  defer {
    unlink(path)
    rmdir(text(folder))
  }
  let file = fopen(path + ".c", "w")
  fputs(source, file)
  fclose(file)
  defer { unlink(path + ".c") }
  let result = try ChildProcess.run(
    ["cc", "-shared", "-fPIC", "-Wl,-soname,\(name)", "-o", path, path + ".c"], until: .after(.seconds(60)))
  try expect(result.status.isSuccess, String(decoding: result.error, as: UTF8.self))
  try body(path)
}

private let slowUsers = """
  #include <nss.h>
  #include <pwd.h>
  #include <string.h>
  #include <unistd.h>
  enum nss_status _nss_slow_getpwnam_r(const char *name, struct passwd *into, char *buffer, size_t size, int *error) {
    usleep(50000);
    if (strlen(name) + 1 > size) return *error = 34, NSS_STATUS_TRYAGAIN;
    strcpy(buffer, name);
    *into = (struct passwd){buffer, buffer, (uid_t)strlen(name), 1, buffer, buffer, buffer};
    return NSS_STATUS_SUCCESS;
  }
  """

private let slowToLoad = """
  #include <unistd.h>
  int is_made;
  __attribute__((constructor)) static void make(void) {
    usleep(50000);
    is_made = 1;
  }
  """

/// A constructor that waits for a thread, whose first call of its kind is redirected.
private let waitsForThread = """
  #include <pthread.h>
  #include <unistd.h>
  static void *sleeps(void *unused) {
    usleep(1000);
    return unused;
  }
  __attribute__((constructor)) static void make(void) {
    pthread_t thread;
    pthread_create(&thread, 0, sleeps, 0);
    pthread_join(thread, 0);
  }
  """

let moduleCases = [
  Case("fibers ask a module of nsswitch.conf that waits, at once") {
    try withLibrary("libnss_slow.so.2", slowUsers) { path in
      let module = dlopen(path, RTLD_NOW)
      try expect(module != nil, "it cannot be loaded")
      try expectEqual(ccalls_ask_module("passwd", "slow"), 0)
      // Other cases of this process look for users too.
      defer { _ = ccalls_ask_module("passwd", "files") }
      try whileOthersRun {
        try together(
          (1...5).map { length in
            {
              let name = String(repeating: "x", count: length)
              let user = getpwnam(name)
              usleep(20_000)
              try expectEqual(user?.pointee.pw_uid, uid_t(length))
              try expectEqual(user.map { String(cString: $0.pointee.pw_name) }, name)
            }
          })
      }
    }
  },
  Case("users, groups and services are found as outside fibers, and their results are the fiber's") {
    let root = getpwuid(0)
    try expectEqual(root.map { String(cString: $0.pointee.pw_name) }, "root")
    try expectEqual(getgrgid(0).map { String(cString: $0.pointee.gr_name) }, "root")
    try expect(getpwnam("no such user") == nil, "found")
    try expectEqual(getprotobyname("tcp")?.pointee.p_proto ?? 6, 6)
    try together(
      ["root", "nobody", "daemon"].map { name in
        {
          let user = getpwnam(name)
          usleep(5000)
          try expectEqual(user.map { String(cString: $0.pointee.pw_name) }, name)
        }
      })
    setpwent()
    var names: [String] = []
    while let user = getpwent() { names.append(String(cString: user.pointee.pw_name)) }
    endpwent()
    try expect(names.contains("root") && names.count > 1, "\(names)")
    var user = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var small = [CChar](repeating: 0, count: 3)
    try expectEqual(getpwnam_r("root", &user, &small, small.count, &found), ERANGE)
    var count: CInt = 0
    try expectEqual(getgrouplist("root", 0, nil, &count), -1)
    try expect(count > 0, "\(count) groups")
  },
  Case("a library whose constructor waits is another fiber's when that has run") {
    try withLibrary("libslow.so", slowToLoad) { path in
      try whileOthersRun {
        try together(
          (0..<3).map { _ in
            {
              let library = dlopen(path, RTLD_NOW)
              let isMade = dlsym(library, "is_made")?.load(as: CInt.self)
              try expectEqual(isMade, 1)
            }
          })
      }
    }
  },
  Case("a constructor may wait for a thread that calls what is redirected") {
    try withLibrary("libwaits.so", waitsForThread) { path in
      try expect(dlopen(path, RTLD_NOW) != nil, "it cannot be loaded")
    }
  },
  Case("a stream of functions that wait is one fiber's at a time") {
    try whileOthersRun {
      let stream = ccalls_slow_stream()
      try together((0..<4).map { _ in { for _ in 0..<5 { fputs("0123456789", stream) } } })
      fflush(stream)
      try expectEqual(ccalls_slow_stream_count(), 200, "bytes written")
      try expectEqual(ccalls_slow_stream_most(), 1, "fibers inside at once")
      fclose(stream)
    }
  },
  Case("a stream of functions that wait is flushed and closed by one fiber at a time") {
    try whileOthersRun {
      let stream = ccalls_slow_stream()
      try together(
        (0..<4).map { _ in
          {
            for _ in 0..<3 {
              fputs("012345", stream)
              try expectEqual(fflush(stream), 0)
            }
          }
        })
      try expectEqual(ccalls_slow_stream_count(), 72, "bytes written")
      fclose(stream)
      let another = ccalls_slow_stream()
      try together({ fputs("0123456789abcdefghi", another) }, { try expectEqual(fclose(another), 0) })
      try expectEqual(ccalls_slow_stream_count(), 19, "bytes written before it was closed")
      try expectEqual(ccalls_slow_stream_most(), 1, "fibers inside at once")
    }
  },
  Case("what is put back into a stream that another fiber holds waits for it") {
    let ends = try Pipe()
    let stream = fdopen(dup(ends.reading.descriptor), "r")!
    var isFree = false
    try together(
      {
        flockfile(stream)
        usleep(20_000)
        isFree = true
        funlockfile(stream)
      },
      {
        usleep(2000)
        try expectEqual(ungetc(65, stream), 65)
        try expect(isFree, "it did not wait")
      })
    try expectEqual(fgetc(stream), 65)
    fclose(stream)
  },
]

let endingCases = [
  Case("pthread_exit in a fiber ends the process with a sentence") {
    // Swift's backtracer may outlive the process, with its pipes.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    let result = try ChildProcess.run(["/proc/self/exe", "a fiber calls pthread_exit"], until: .after(.seconds(30)))
    let text = String(decoding: result.error, as: UTF8.self)
    try expect(text.contains("called pthread_exit(3), which ends a thread: a fiber ends when its body returns"), text)
    try expect(!result.status.isSuccess, "\(result.status)")
  },
  Case("a fiber calls pthread_exit", isHidden: true) { pthread_exit(nil) },
]

/// What stays locked for good: after these, a fiber that has to wait may never know that nobody of its thread holds anything.
let leftLockedCases = [
  Case("a recursive mutex that an ended fiber has left locked is not the next fiber's") {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_RECURSIVE))
    let mutex = allocated(pthread_mutex_t())
    pthread_mutex_init(mutex, &attributes)
    try Fiber.spawn { _ = pthread_mutex_lock(mutex) }.value
    // They get the stack, and so the address, of the one that has ended.
    for _ in 0..<20 {
      let fiber = Fiber.spawn { pthread_mutex_trylock(mutex) }
      try expectEqual(try fiber.value, EBUSY)
    }
  },
  Case("a mutex that is made where another was left locked is nobody's") {
    for kind in 0..<3 {
      let mutex = makeMutex(kind)
      try Fiber.spawn { _ = pthread_mutex_lock(mutex) }.value
      var attributes = pthread_mutexattr_t()
      pthread_mutexattr_init(&attributes)
      pthread_mutexattr_settype(&attributes, CInt(kind))
      pthread_mutex_init(mutex, &attributes)
      let fiber = Fiber.spawn { [pthread_mutex_lock(mutex), pthread_mutex_unlock(mutex)] }
      try expectEqual(try fiber.value, [0, 0])
      mutex.deallocate()
    }
  },
  Case(
    "a stream that is closed while it is locked leaves no lock to the next at its address",
    skip: Sanitizer.skip(under: .address, "AddressSanitizer gives memory that was freed to nobody for long")
  ) {
    var (places, again): ([UInt], Int) = ([], 0)
    for _ in 0..<20 {
      let fiber = Fiber.spawn {
        let stream = fopen("/dev/zero", "r")!
        let isFree = ftrylockfile(stream) == 0 && fgetc(stream) == 0
        fclose(stream)
        return (UInt(bitPattern: stream), isFree)
      }
      let (place, isFree) = try fiber.value
      try expect(isFree, "it is locked")
      if places.contains(place) { again += 1 }
      places.append(place)
    }
    try expect(again > 0, "no address came again")
  },
]
