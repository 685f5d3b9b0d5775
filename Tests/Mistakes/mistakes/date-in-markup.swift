// requires that 'Date' conform to 'HTMLConvertible'
import Foundation
import Greenfinch

func routes(_ app: App) {
  app.get("/") { _ in "<p>\(Date())</p>" as HTML }
}
