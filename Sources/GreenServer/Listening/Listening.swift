import Glibc
import Logging
import SystemPackage

/// Binds the server's addresses, patiently: a predecessor may need a moment to go.
enum Listening {
  static let attempts = 5

  /// One socket for each address, in order; `nil` when one cannot be had, which has been logged. Gives an address in
  /// use five tries, one second apart. `pause` waits for a second.
  static func open(
    _ addresses: [BindAddress], backlog: Int, logger: Logger, pause: () -> Void = { sleep(1) }
  ) -> [ListeningSocket]? {
    var sockets: [ListeningSocket] = []
    for address in addresses {
      guard let socket = open(address, backlog: backlog, logger: logger, pause: pause) else {
        for socket in sockets {
          socket.removeFile()
          socket.close()
        }
        return nil
      }
      sockets.append(socket)
    }
    return sockets
  }

  private static func open(
    _ address: BindAddress, backlog: Int, logger: Logger, pause: () -> Void
  ) -> ListeningSocket? {
    for attempt in 1...attempts {
      do throws(BindError) {
        return try ListeningSocket(binding: address, backlog: backlog)
      } catch .failed(.addressInUse) {
        logger.error("Connection in use: \(address.quoted)")
        if attempt == attempts { break }
        logger.error("Retrying in 1 second.")
        pause()
      } catch {
        logger.error("Invalid address: \(address.quoted): \(error)")
        break
      }
    }
    logger.error("Can't connect to \(address.quoted)")
    return nil
  }
}
