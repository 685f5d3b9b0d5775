extension Settings {
  /// `GREEN_HANDLER_ISOLATION`
  public static let handlerIsolation = Setting<FiberIsolation>(
    "GREEN_HANDLER_ISOLATION", .choice, default: .shared,
    "Whether the fibers in which a green worker calls handlers share the thread's variables or are whole threads to C.")
}
