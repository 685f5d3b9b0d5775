import Greenfinch

func page(_ title: String, _ content: HTML) -> HTML {
  """
  <!doctype html>
  <html lang="en">
  <meta charset="utf-8"><meta name="viewport" content="width=device-width">
  <title>\(title)</title>
  <style>
  body { font: 17px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
  nav a { margin-right: 1rem } b { font-size: 2rem; color: #2e7d4f }
  </style>
  <h1>\(title)</h1>
  <nav><a href="/fibers">In fibers</a><a href="/tasks">In tasks</a><a href="/turns">One after the other</a></nav>
  \(content)
  </html>
  """
}

func timed(_ way: String, _ ask: () throws -> [Answer]) rethrows -> HTML {
  let start = ContinuousClock.now
  return result(way, try ask(), ContinuousClock.now - start)
}

func timed(_ way: String, _ ask: () async throws -> [Answer]) async rethrows -> HTML {
  let start = ContinuousClock.now
  return result(way, try await ask(), ContinuousClock.now - start)
}

private func result(_ way: String, _ answers: [Answer], _ time: Duration) -> HTML {
  let rows = answers.sorted { $0.service < $1.service }.map { answer -> HTML in
    "<li>\(answer.service): \(answer.text)</li>"
  }
  let (seconds, attoseconds) = time.components
  let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
  return page("Asked \(way)", "<p><b>\(milliseconds) ms</b><ul>\(rows)</ul>")
}
