/// Waits for several things at once, does the one that is possible first, and calls its `body`. Nothing is received,
/// sent or taken for the others.
///
/// ```swift
/// let line = try select(
///   .receive(lines) { $0 },
///   .wait(stopped) { nil },
///   .timeout(.seconds(30)) { "ping" })
/// ```
///
/// Of several that are possible at once one is chosen at random, so that none is starved. Works outside fibers too,
/// except for cases that wait for a fiber; there the thread blocks.
///
/// - Returns: what the `body` of the case returned.
/// - Throws: what that `body` threw, which runs after the selection and may wait; `CancellationError` and
///   ``TimeoutError`` as every wait: then none of the cases was done.
@discardableResult @inlinable
public func select<Result>(_ cases: SelectCase<Result>...) throws -> Result { try select(cases) }

/// As ``select(_:)-(SelectCase<Result>...)``, for cases that are put together at run time.
@discardableResult @inlinable
public func select<Result>(_ cases: [SelectCase<Result>]) throws -> Result {
  let (chosen, outcome) = try Selection.choose(cases.map { $0.choice })
  return try cases[chosen].finish(outcome)
}
