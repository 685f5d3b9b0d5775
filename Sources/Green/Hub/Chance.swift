/// Numbers by chance, for what must not happen at the same time everywhere.
enum Chance {
  /// From 0 up to 1. On a hub with virtual time the numbers are the same in each run.
  static func fraction() -> Double {
    guard let (hub, _) = Hub.running, hub.isVirtual else { return .random(in: 0..<1) }
    hub.pointee.selections &+= 1
    return Double(mixed(hub.pointee.selections) >> 11) * 0x1p-53
  }

  /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
  static func mixed(_ count: UInt64) -> UInt64 {
    var mixed = count &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
