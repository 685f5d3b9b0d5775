import SuiteSupport
import Testing

/// One test after the other: how many answers are compressed at once is bounded for the process.
@Suite(.serialized, .bounded) enum CompressionTests {}
