import Glibc
import Logging
import SystemPackage

/// Binds the server's addresses, patiently: a predecessor may need a moment to go.
enum Listening {
  /// As gunicorn, which says five times that it is in use and tries again.
  static let retries = 5

  /// One socket for each address, in order; `nil` when one cannot be had, which has been logged. Tries an
  /// address in use again five times, one second apart. `pause` waits for a second.
  static func open(
    _ addresses: [BindAddress], backlog: Int, umask: UInt32? = nil, logger: Logger, pause: () -> Void = { sleep(1) }
  ) -> [BoundListener]? {
    var sockets: [BoundListener] = []
    for address in addresses {
      guard let socket = open(address, backlog: backlog, umask: umask, logger: logger, pause: pause) else {
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
    _ address: BindAddress, backlog: Int, umask: UInt32?, logger: Logger, pause: () -> Void
  ) -> BoundListener? {
    for attempt in 0...retries {
      do throws(BindError) {
        return try BoundListener(binding: address, backlog: backlog, umask: umask)
      } catch .failed(.addressInUse) {
        logger.error("Connection in use: \(address.quoted)")
        if attempt == retries { break }
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
