/// `/etc/host.conf`: `host.conf(5)`. Of it only `multi` is left to say anything.
struct HostConf {
  /// Whether all lines of `/etc/hosts` that name a host count, and not only the first.
  var isMulti = false

  init(_ bytes: [UInt8]) {
    for line in Fields.lines(bytes) {
      let fields = Fields.texts(line)
      if fields.count > 1, fields[0] == "multi" { isMulti = fields[1].lowercased() == "on" }
    }
  }
}
