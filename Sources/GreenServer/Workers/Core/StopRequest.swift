/// What a worker was asked to do by a signal, or by its master's end.
enum StopRequest: Comparable {
  /// Finish what is in progress.
  case drain
  /// End at once.
  case quick
}
