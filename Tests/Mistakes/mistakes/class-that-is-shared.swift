// capture of 'counter' with non-Sendable type 'Counter' in a '@Sendable' closure
import Greenfinch

func routes(_ app: App) {
  let counter = Counter()
  app.get("/") { _ in
    counter.n += 1
    return "x"
  }
}
