import CProcess

/// What `ps` shows of a process of the server, as gunicorn has it.
enum ProcessTitle: String {
  case master, worker
  /// A master beside the one whose place it is to take.
  case successor

  /// Writes it over the memory of the arguments, which are to be read before. The program's name stands for no other.
  func set(_ name: String?) {
    let name = name ?? String(cString: cprocess_image_name())
    switch self {
    case .master, .worker: cprocess_process_set_title("greenfinch: \(rawValue) [\(name)]")
    case .successor: cprocess_process_set_title("greenfinch: master [\(name).2]")
    }
  }
}
