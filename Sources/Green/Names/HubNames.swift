/// A hub's name service, and those of earlier configurations, which may have questions under way.
final class HubNames: HubExtension {
  private let loop: OpaquePointer
  private var own: NameService?
  private var retired: [NameService] = []
  /// What was set for this hub.
  private var ownConfiguration: Resolver.Configuration?

  private init(_ hub: Hub) { loop = hub.state.pointee.loop }

  /// The hub's, made when it is first asked for.
  static func of(_ hub: Hub) -> HubNames {
    if let known = hub.attached(HubNames.self) { return known }
    let names = HubNames(hub)
    hub.attach(names)
    return names
  }

  var configuration: Resolver.Configuration {
    get { ownConfiguration ?? own?.configuration ?? Resolver.configuration }
    set {
      ownConfiguration = newValue
      retired.removeAll { $0.isIdle }
      if let own { retired.append(own) }
      own = nil
    }
  }

  var service: NameService {
    if let own { return own }
    let made = NameService(configuration, hubLoop: loop)
    own = made
    return made
  }

  /// The name servers' sockets are the parent's, and new ones are made when they are needed.
  func hubForked(_ hub: Hub) { close() }
  func hubEnds(_ hub: Hub) { close() }

  private func close() {
    for service in retired { service.close() }
    retired = []
    own?.close()
    own = nil
  }
}

extension Hub {
  /// How this hub looks names up: ``Resolver/configuration``, unless it has been set. Setting it forgets the answers
  /// that were kept; questions under way are answered as they were asked.
  public var resolverConfiguration: Resolver.Configuration {
    get { HubNames.of(self).configuration }
    set { HubNames.of(self).configuration = newValue }
  }

  /// The hub's name service, made when the first name is asked for.
  var names: NameService { HubNames.of(self).service }
}
