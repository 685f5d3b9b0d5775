import Green
import SystemPackage

/// Where the master listens for those who ask it something.
struct MonitorDoor {
  enum Place {
    case metrics(BindAddress, umask: UInt32)
    case control(path: String, mode: UInt32)
  }

  let listener: BoundListener
  let language: MonitorClient.Language

  init(_ place: Place) throws(MonitorFault) {
    switch place {
    case .metrics(let address, let umask):
      do throws(BindError) {
        listener = try BoundListener(binding: address, ListenerOptions(backlog: 64, umask: umask))
      } catch {
        throw MonitorFault("--metrics-bind", "\(address)", error)
      }
      language = .http
    case .control(let path, let mode):
      listener = try ControlSocket.open(path, mode: mode)
      language = .control
    }
  }

  /// What the settings name.
  static func places(in configuration: Configuration) -> [Place] {
    configuration.metricsBind.map { .metrics($0, umask: configuration.umask) }
      + (configuration.controlSocket.map { [.control(path: $0, mode: configuration.controlSocketMode)] } ?? [])
  }
}

/// Why the server cannot be watched as was asked for. Its description is for the person.
struct MonitorFault: Error, CustomStringConvertible {
  let description: String
  /// Whether somebody else listens there.
  let isInUse: Bool

  init(_ option: String, _ value: String, _ reason: String, isInUse: Bool = false) {
    description = "\(option) '\(LogText.escaped(value))' cannot be listened at: \(reason)"
    self.isInUse = isInUse
  }

  init(_ option: String, _ value: String, _ error: BindError) {
    self.init(option, value, "\(error)", isInUse: error == .failed(.addressInUse))
  }
}
