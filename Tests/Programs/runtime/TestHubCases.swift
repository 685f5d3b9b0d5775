import CaseSupport
import Glibc
import Green
import GreenTesting

let testHubCases = [
  Case("the seed of the environment is the one that is run") {
    setenv("GREEN_TEST_SEED", "18446744073709551615", 1)
    try expectEqual(try TestHub.run { TestHub.seed }, .max)
    try expectEqual(try TestHub.run(seed: 3) { TestHub.seed }, 3, "a seed that is given")
    var seeds: [UInt64?] = []
    try TestHub.explore(seeds: 100) { seeds.append(TestHub.seed) }
    try expectEqual(seeds, [.max])
  },
  Case("a seed in the environment that is none is said to be") {
    for text in ["", "abc", "-1", "18446744073709551616", "1.5"] {
      setenv("GREEN_TEST_SEED", text, 1)
      do {
        try TestHub.run {}
        throw Failure(description: "\"\(text)\" was taken")
      } catch TestHubError.seed(let wrong) { try expectEqual(wrong, text) }
    }
  },
  Case("a deadlock in a process of one hub is seen at once") {
    unsetenv("GREEN_TEST_SEED")
    do {
      try TestHub.run { try Event().wait() }
      throw Failure(description: "nobody set that event")
    } catch is HubError {}
  },
]
