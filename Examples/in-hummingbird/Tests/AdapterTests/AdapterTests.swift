import Testing

/// All tests of the package, one after another: some measure.
@Suite(.serialized) struct AdapterTests {}
