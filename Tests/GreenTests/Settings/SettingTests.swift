import SuiteSupport
import Testing

@testable import Green

@Suite(.bounded) struct SettingTests {
  @Test func everySettingIsListedWithItsValueAndSource() {
    let settings = Settings.all
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

  @Test func whatIsWrittenIsUnderstoodOrRefused() {
    let bytes = Settings.stackSize
    #expect(bytes.parse("65536") == 65536 && bytes.parse("64K") == 65536 && bytes.parse("1M") == 1 << 20)
    for text in ["", "K", "64 K", "-1", "0", "4095", "1e6", "999999999999G", "64KB"] {
      #expect(bytes.parse(text) == nil, "\(text)")
    }
    let time = Settings.maxBlockingTime
    #expect(time.parse("0.1") == .milliseconds(100) && time.parse("100ms") == .milliseconds(100))
    #expect(time.parse("2s") == .seconds(2) && time.parse("0") == .zero)
    for text in ["", "ms", "fast", "-1", "nan", "1h", "3601"] { #expect(time.parse(text) == nil, "\(text)") }
    #expect(Settings.backend.parse("poll") == .poll && Settings.backend.parse("kqueue") == .kqueue)
    #expect(Settings.backend.parse("iouring") == nil)
    #expect(Settings.offloadThreads.parse("7") == 7 && Settings.offloadThreads.parse("0") == nil)
  }

  @Test func aComplaintNamesTheVariableItsValueWhatIsRightAndTheDefault() {
    #expect(
      Settings.offloadThreads.complaint(about: "ten")
        == "GREEN_OFFLOAD_THREADS is \"ten\", not a number from 1 to 100000; the default, 10, is used")
  }
}
