import GreenTesting
import SuiteSupport
import Testing

@testable import Green

@Suite(.bounded) struct TimerHeapTests {
  @Test func timersComeOutInTheOrderOfTheirTimesAndOfEqualTimesInTheOrderTheyWereSet() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<50 {
      var heap = TimerHeap()
      defer { heap.deallocate() }
      let nodes = (0..<300).map { _ in
        let node = UnsafeMutablePointer<TimerNode>.allocate(capacity: 1)
        node.initialize(to: TimerNode())
        return node
      }
      defer { for node in nodes { node.deallocate() } }
      var expected: [(time: Int64, index: Int)] = []
      for (index, node) in nodes.enumerated() {
        let time = Int64.random(in: 0..<40, using: &generator)
        heap.insert(node, at: time)
        expected.append((time, index))
      }
      for index in stride(from: 0, to: 300, by: 3) {
        heap.remove(nodes[index])
        heap.remove(nodes[index])
        expected.removeAll { $0.index == index }
      }
      expected.sort { ($0.time, $0.index) < ($1.time, $1.index) }
      var order: [Int] = []
      while let node = heap.popDue(.max - 1) { order.append(nodes.firstIndex(of: node)!) }
      #expect(order == expected.map(\.index))
      let earliest = heap.earliest
      #expect(heap.count == 0 && earliest == .max)
    }
  }

  @Test func whateverIsTakenOutTheRestStaysInOrder() {
    var generator = SeededGenerator(seed: 1)
    var heap = TimerHeap()
    defer { heap.deallocate() }
    let nodes = (0..<1000).map { _ in
      let node = UnsafeMutablePointer<TimerNode>.allocate(capacity: 1)
      node.initialize(to: TimerNode())
      return node
    }
    defer { for node in nodes { node.deallocate() } }
    var times: [Int: Int64] = [:]
    var now: Int64 = 0
    for _ in 0..<100_000 {
      let index = Int.random(in: 0..<1000, using: &generator)
      switch Int.random(in: 0..<20, using: &generator) {
      case 0:
        now += 10
        while let node = heap.popDue(now) {
          let index = nodes.firstIndex(of: node)!
          #expect(times[index] == times.values.min() && times[index]! <= now)
          times[index] = nil
        }
        let earliest = heap.earliest
        #expect(earliest == times.values.min() ?? .max && earliest > now)
      case 1...9 where times[index] == nil:
        times[index] = now + Int64.random(in: 1...1000, using: &generator)
        heap.insert(nodes[index], at: times[index]!)
      default:
        heap.remove(nodes[index])
        times[index] = nil
      }
      #expect(heap.count == times.count)
      #expect(nodes[index].pointee.isSet == (times[index] != nil))
    }
  }

  @Test func onlyWhatIsDueComesOut() {
    var heap = TimerHeap()
    defer { heap.deallocate() }
    let node = UnsafeMutablePointer<TimerNode>.allocate(capacity: 1)
    defer { node.deallocate() }
    node.initialize(to: TimerNode())
    heap.insert(node, at: 10)
    #expect(heap.popDue(9) == nil)
    #expect(heap.popDue(10) == node)
    #expect(heap.popDue(10) == nil)
  }
}
