package import Green

/// A stream whose bytes are those of a socket, with nothing in between.
package protocol SocketBacked {
  /// The socket's; `nil` where something is in between.
  var socketDescriptor: CInt? { get }
}

extension Socket: SocketBacked {
  package var socketDescriptor: CInt? { descriptor }
}
