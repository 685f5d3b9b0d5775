// cannot convert value of type 'String' to specified type 'HTML'
import Greenfinch

func routes(_ app: App) {
  let page: String = "<p>x</p>"
  app.get("/") { _ in
    let html: HTML = page
    return html
  }
}
