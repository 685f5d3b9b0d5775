internal import CRedirect
internal import Green

/// Fills the part of the table that locks, conditions, semaphores, children and fiber-local keys use.
func linkObjects(_ table: UnsafeMutablePointer<credirect_table>) {
  table.pointee.wait_for_object = { wait, validate, context, deadline in
    let wait = wait!.pointee
    return NativeWaits.wait(
      for: NativeObject(
        address: wait.address, name: wait.name, holder: wait.holder, isEndless: wait.is_endless,
        isAgain: wait.is_again),
      until: Deadline(nanoseconds: deadline), isOutside: wait.comes_from_outside,
      validate: { validate!(context) }, queued: wait.queued.map { queued in { queued(context) } })
  }
  table.pointee.refuse_callback = { NativeWaits.refuseCallback(wanting: $0!, $1) }
  table.pointee.word = { FiberVariables.word }
  table.pointee.offload_long = { body, context in NativeWaits.offloadLong { body!(context) } }
  table.pointee.offload_droppable = { body, context, drop in
    // Unsafe: C code hands its context over.
    nonisolated(unsafe) let context = context
    return NativeWaits.offloadDroppable({ body!(context) }, drop: { drop!(context) })
  }
  table.pointee.watch = { descriptor, body, ended, context in
    NativeWaits.watch(descriptor, { body!(context) }, ended: { ended!(context) })
  }
  table.pointee.unwatch = { NativeWaits.unwatch($0!) }
}

extension Redirect {
  /// From now on the key of `pthread_key_create(3)` belongs to the fiber: each has its own value, `NULL` at first, and
  /// the key's destructor runs at the fiber's end. Outside fibers it stays the thread's.
  ///
  /// For libraries that keep in such a key what is one line of execution's, as CPython does its thread state.
  ///
  /// - Returns: `false` for a number that no key can have.
  @discardableResult
  public static func makeFiberLocal(key: UInt32) -> Bool { credirect_make_fiber_local(key) }

  /// From now on the keys that a library creates belong to the fiber, see ``makeFiberLocal(key:)``. libcrypto's do so
  /// without this, which makes OpenSSL's queue of errors the fiber's.
  ///
  /// - Parameter library: The name of its file without folder and without what comes after a point or a dash:
  ///   `"libxml2"` for `libxml2.so.2`.
  /// - Returns: `false` for a name with a slash, of none or more than 63 bytes, and for more than 32 libraries.
  @discardableResult
  public static func makeFiberLocal(keysOf library: String) -> Bool {
    makeKeysFiberLocal(library) == 0
  }

  /// The same, and says what was wrong: 0 or an error number.
  package static func makeKeysFiberLocal(_ library: UnsafePointer<CChar>) -> CInt {
    credirect_make_keys_fiber_local(library)
  }

  /// Calls `body`; all keys that the calling thread creates in it belong to the fiber, see ``makeFiberLocal(key:)``: for
  /// the code that loads or initialises such a library.
  public static func keysPerFiber<Result>(_ body: () throws -> Result) rethrows -> Result {
    credirect_count_fiber_keys(1)
    defer { credirect_count_fiber_keys(-1) }
    return try body()
  }
}
