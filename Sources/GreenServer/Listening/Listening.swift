import Green
import Logging
import SystemPackage

/// Opens the server's addresses: what it was started with is taken over, the rest is bound, patiently, since a predecessor may
/// need a moment to go.
struct Listening {
  /// As gunicorn, which says five times that it is in use and tries again.
  static let retries = 5

  var options = ListenerOptions()
  /// What systemd has opened.
  var activated = ActivatedSockets.none
  let logger: Logger
  /// Waits for a second, whatever signals come.
  var pause: () -> Void = { try? Fiber.sleep(for: .seconds(1)) }

  /// A socket for each address, in order; `nil` when one cannot be had, which has been logged. Tries an address in use again
  /// five times, one second apart.
  ///
  /// Where systemd has opened sockets, and no address is one of them by its number or name, they take the place of all, as in
  /// gunicorn.
  func open(_ addresses: [BindAddress]) -> [BoundListener]? {
    var listeners: [BoundListener] = []
    let addresses = addresses.contains(where: \.isInherited) ? addresses : replaced(addresses)
    for address in addresses.flatMap(expanded) {
      guard let listener = open(address, options(for: address, among: addresses)) else {
        for listener in listeners {
          listener.removeFile()
          listener.close()
        }
        return nil
      }
      listeners.append(listener)
    }
    return listeners
  }

  private func replaced(_ addresses: [BindAddress]) -> [BindAddress] {
    if activated.entries.isEmpty { return addresses }
    logger.info("The addresses are those that systemd has opened")
    return activated.entries.map { .descriptor($0.descriptor) }
  }

  /// A name may stand for several sockets.
  private func expanded(_ address: BindAddress) -> [BindAddress] {
    guard case .activated(let name) = address else { return [address] }
    let found = activated.named(name)
    return found.isEmpty ? [address] : found.map { .descriptor($0) }
  }

  /// `[::]:8000` is every IPv4 address too, unless `0.0.0.0:8000` is asked for beside it.
  private func options(for address: BindAddress, among addresses: [BindAddress]) -> ListenerOptions {
    var options = options
    if case .tcp("::", let port) = address, addresses.contains(.tcp(host: "0.0.0.0", port: port)) {
      options.leavesIPv4 = true
    }
    return options
  }

  private func open(_ address: BindAddress, _ options: ListenerOptions) -> BoundListener? {
    for attempt in 0...Self.retries {
      do throws(BindError) {
        return try BoundListener(binding: address, options)
      } catch .failed(.addressInUse) {
        logger.error("Connection in use: \(address.quoted)")
        if attempt == Self.retries { break }
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

extension BindAddress {
  /// Whether it is a socket that the server is started with.
  fileprivate var isInherited: Bool {
    switch self {
    case .descriptor, .activated: true
    case .tcp, .unix: false
    }
  }
}
