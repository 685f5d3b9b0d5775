import GreenWeb
import SuiteSupport
import Testing

/// What `check` finds.
@Suite(.bounded) struct CheckTests {
  @Test func namesThatMeanSeveralRoutesAreTold() {
    let app = App()
    app.get("/notes/{id}") { (_, id: Int) in "\(id)" }.named("note")
    app.post("/notes/{id}") { (_, id: Int) in "\(id)" }.named("note")
    #expect(app.setUpFaults.isEmpty && app.routeCount == 2)
    app.get("/other/{id}") { (_, id: Int) in "\(id)" }.named("note")
    #expect(app.setUpFaults == ["several routes are named 'note': /notes/{id}, /other/{id}"])
  }

  @Test func commandsThatHideOthersAreTold() {
    let app = App()
    app.command("add") { _ in }
    app.command("add") { _ in }
    app.command("routes") { _ in }
    #expect(
      app.setUpFaults == [
        "several commands are called 'add'", "a command is called 'routes', which every program has",
      ])
  }
}
