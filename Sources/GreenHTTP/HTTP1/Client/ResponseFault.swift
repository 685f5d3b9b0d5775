/// What is wrong with an answer, as a client reads it.
package enum ResponseFault: Error, Hashable {
  /// It breaks a rule. One sentence.
  case malformed(String)
  /// The connection ended inside its content, after so many bytes; of how many, where that was said.
  case truncated(received: Int, of: Int?)
}

extension HeadFault {
  /// One sentence about an answer, where ``reason`` speaks of a request.
  var reasonOfAnswer: String {
    switch self {
    case .headTooLong: "its head is too long"
    case .transferCoding: "it has a Transfer-Encoding other than chunked"
    default: reason
    }
  }
}
