/// Ends the process with a sentence for whoever wrote the program, in release builds too, where `precondition` says nothing.
///
/// While it holds it costs what `condition` costs; the sentence is put together by whoever ends.
@inlinable @inline(__always)
package func requirement(
  _ condition: @autoclosure () -> Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if _slowPath(!condition()) { refuse(sentence(), file, line) }
}

@usableFromInline @inline(never)
package func refuse(_ sentence: @autoclosure () -> String, _ file: StaticString, _ line: UInt) -> Never {
  fatalError(sentence(), file: file, line: line)
}
