/// Why a server does not answer, or says no.
public struct ServerControlError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ fault: ControlFault) { description = fault.description }
  init(description: String) { self.description = description }
}
