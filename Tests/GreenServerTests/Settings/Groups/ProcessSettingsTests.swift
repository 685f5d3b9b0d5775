import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

/// The settings of processes, before there are any.
@Suite(.bounded) struct ProcessSettingsTests {
  private func read(_ arguments: String...) throws(CommandLineStop) -> Configuration {
    try Configuration().reading(arguments, environment: { _ in nil })
  }

  private func fault(_ arguments: String...) -> String? {
    do throws(CommandLineStop) {
      _ = try Configuration().reading(arguments, environment: { _ in nil })
      return nil
    } catch {
      return error.text
    }
  }

  @Test func `a user is a name or a number, and its group goes with it`() throws {
    #expect(try read().owner() == nil)
    let root = try #require(try read("--user", "root").owner())
    #expect(root.file == FileOwner(user: 0, group: 0) && root.groups == [0])
    let number = try #require(try read("-u", "4000000", "-g", "4000001").owner())
    #expect(number.file == FileOwner(user: 4_000_000, group: 4_000_001) && number.groups == [4_000_001])
    #expect(number.assignment == "GREENFINCH_OWNER=4000000:4000001:4000001")
    let group = try #require(try read("-g", "root").owner())
    #expect(group.file == FileOwner(user: geteuid(), group: 0))
    #expect(try #require(try read("-u", "root", "--initgroups").owner()).groups.contains(0))
  }

  @Test func `what is nobody's name is told with its place`() {
    #expect(
      fault("--user", "nobody-at-all")
        == "Error: --user is 'nobody-at-all', which is not a user of this machine, nor a number.")
    #expect(
      fault("-g", "no-group-at-all")
        == "Error: --group is 'no-group-at-all', which is not a group of this machine, nor a number.")
  }

  @Test func `variables are names and values`() throws {
    #expect(try read("-e", "A=1", "--env", "B=2=3").environment == ["A=1", "B=2=3"])
    #expect(try read("--env", "A=").environment == ["A="])
    #expect(fault("--env", "A")?.contains("--env is 'A', not NAME=VALUE") == true)
    #expect(fault("--env", "=1")?.contains("not NAME=VALUE") == true)
  }

  @Test func `a directory that cannot be entered is told with its place`() {
    #expect(
      fault("--chdir", "/nonexistent")
        == "Error: --chdir is '/nonexistent', a directory that cannot be entered: No such file or directory.")
  }

  @Test func `too low a limit of descriptors is told with both numbers`() {
    #expect(DescriptorLimit(needed: 100, allowed: 100).warning == nil)
    let warning = DescriptorLimit(needed: 1065, allowed: 256).warning
    #expect(warning?.contains("may have 256 files and sockets open, and a worker may need 1065") == true)
  }
}
