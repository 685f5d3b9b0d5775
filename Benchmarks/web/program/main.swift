internal import Glibc
internal import Greenfinch

// What the framework costs, for ratios.py. `RATIOS_CASE=router ratios -w 1 -k green -b …` serves one of the applications of
// Cases.swift by the server's options; `ratios times BATCHES` measures what needs no server, and prints "key value" lines.

let words = CommandLine.arguments.dropFirst()
if words.first == "times" {
  guard words.count == 2, let batches = words.last.flatMap({ Int($0) }), batches > 0 else {
    print("usage: ratios times BATCHES")
    exit(2)
  }
  do {
    try printTimes(batches)
    exit(0)
  } catch {
    print("ratios times: \(error)")
    exit(1)
  }
}
// Workers are started with the same environment as their master.
switch getenv("RATIOS_CASE").map({ String(cString: $0) }) ?? "" {
case "bare": PreforkServer.run(Bare(), configuration: .fromCommandLine())
case "router": routed().run()
case "hooks": hooked().run()
case "middleware": wrapped().run()
case "ten": wide(10).run()
case "thousand": wide(1_000).run()
default:
  print("usage: RATIOS_CASE=bare|router|hooks|middleware|ten|thousand ratios OPTIONS, or ratios times BATCHES")
  exit(2)
}
