/// An error of a stream that is not the system's.
package protocol StreamFailure: Error {
  /// Whether it says no more than that the peer has gone.
  var isLossOfConnection: Bool { get }
}
