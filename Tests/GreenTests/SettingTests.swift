import Green
import Testing

@Suite struct SettingTests {
  @Test func everySettingIsListedWithItsValueAndSource() {
    let settings = Settings.all.map(\.current)
    #expect(settings.map(\.name).contains("GREEN_STACK_SIZE"))
    for setting in settings {
      #expect(setting.name.hasPrefix("GREEN_"))
      #expect(setting.meaning.hasSuffix(".") && !setting.form.isEmpty && !setting.value.isEmpty, "\(setting)")
      #expect(Settings.table.contains("\(setting.name) = \(setting.value)"))
    }
  }

  @Test func aValueSetInCodeIsInForceUntilItIsTakenBack() {
    let setting = Settings.offloadThreads
    let before = setting.value
    setting.value = 17
    #expect(setting.value == 17 && setting.source == .program && setting.current.value == "17")
    setting.reset()
    #expect(setting.value == before && setting.source != .program)
  }
}
