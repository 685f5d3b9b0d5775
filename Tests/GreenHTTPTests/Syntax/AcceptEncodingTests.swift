import SuiteSupport
import Testing

@testable import GreenHTTP

/// RFC 9110, 12.5.3.
@Suite(.bounded) struct AcceptEncodingTests {
  private let ours = ["br", "zstd", "gzip"]

  @Test(
    arguments: [
      (nil, nil), ("", nil), ("identity", nil), ("gzip", "gzip"), ("GZip", "gzip"), ("x-gzip", "gzip"),
      ("gzip, deflate, br, zstd", "br"), ("gzip;q=1.0, br;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"), ("*", "br"),
      ("*;q=0", nil), ("gzip, *;q=0", "gzip"), ("br;q=0, *", "zstd"), ("gzip;q=0.5, identity", nil),
      ("gzip;q=0.5, identity;q=0.5", "gzip"), ("identity;q=0, gzip;q=0.001", "gzip"), ("gzip;q=0.0001", nil),
      ("gzip;q=2", nil), ("gzip;q=x", nil), ("gzip; q=0.8", "gzip"), ("gzip;level=9;q=0.5, zstd;q=0.4", "gzip"),
      (", ,;q=1,gzip", "gzip"), ("sdch", nil), ("x\u{600}, gzip", "gzip"), ("x,\u{301}, gzip", "gzip"),
    ] as [(String?, String?)])
  func theBestIsChosen(field: String?, coding: String?) {
    #expect(AcceptEncoding(field).best(of: ours) == coding)
  }

  @Test func whetherWhatIsNotCodedMayBeSent() {
    for field in [nil, "", "gzip", "*", "gzip;q=0", "identity;q=0.5, *;q=0"] as [String?] {
      #expect(AcceptEncoding(field).identityWeight > 0)
    }
    for field in ["identity;q=0", "*;q=0", "gzip, *;q=0"] { #expect(AcceptEncoding(field).identityWeight == 0) }
  }
}
