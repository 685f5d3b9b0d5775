/// Why a worker ends.
enum WorkerEnd: Error {
  /// It was asked to.
  case asked(StopRequest)
  /// It cannot start.
  case cannotStart(String)
  /// It has lost something without which it serves nobody.
  case lost(service: String, reason: String)
}
