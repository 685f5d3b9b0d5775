// requires that 'Secret' conform to 'HandlerInput'
import Greenfinch

func routes(_ app: App) {
  app.get("/{id}") { (_, id: Secret) in "x" }
}
