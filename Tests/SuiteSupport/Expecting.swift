#if canImport(Testing)
  public import Testing

  /// Inside closures the testing library's own expectation cannot throw.
  public func expectSame<Value: Equatable>(
    _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
  ) { #expect(value == expected, sourceLocation: sourceLocation) }
#endif
