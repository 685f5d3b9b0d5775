import Foundation
import Trials

// Prints the table of the README, or the rows of the clients whose names contain the words given:
// swift build && swift run table curl openssl

/// Details go beside the table.
func tell(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

let words = CommandLine.arguments.dropFirst().map { $0.lowercased() }
print("| client | waits in | redirected | not redirected | ideal | threads |")
print("| --- | --- | ---: | ---: | ---: | ---: |")
for trial in Trial.all {
  let name = "\(trial.client) \(trial.wait)".lowercased()
  guard words.isEmpty || words.contains(where: name.contains) else { continue }
  do {
    // All rounds: the first one, which makes the connections, tells less than the others.
    let figures = try trial.run(rounds: 5, limit: 0)
    let blocking = figures.blocking / Double(figures.blockingCount) * 100
    print(
      "| \(trial.client) | \(trial.wait) | **\(String(format: "%.2f", figures.best)) s** "
        + "| \(String(format: "%.0f", blocking)) s | 0.50 s | \(figures.threads) |")
    tell("  rounds \(figures.rounds), \(figures.blockingCount) blocking \(figures.blocking)")
  } catch {
    print("| \(trial.client) | \(trial.wait) | failed | | | |")
    tell("\(error)")
  }
}
