internal import Green

extension Duration {
  /// Seconds, whole where they are.
  var jsonSeconds: String {
    let nanoseconds = wholeNanoseconds
    return nanoseconds % 1_000_000_000 == 0 ? "\(nanoseconds / 1_000_000_000)" : "\(Double(nanoseconds) / 1e9)"
  }
}
