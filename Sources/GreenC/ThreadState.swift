internal import CFiber
internal import CLibGreen
internal import Glibc
internal import GreenRedirect

// What libraries keep for each thread, as the fiber's.

@c @implementation
public func green_words_per_fiber(_ words: (@convention(c) () -> UnsafeMutableRawPointer?)!, _ count: Int) -> CInt {
  guard let words else { return EINVAL }
  return cfiber_register_words(words, count)
}

@c @implementation
public func green_keys_per_fiber(_ library: UnsafePointer<CChar>!) -> CInt {
  guard green_redirect_state() == GREEN_REDIRECT_ACTIVE else { return ENOTSUP }
  guard let library else { return EINVAL }
  return Redirect.makeKeysFiberLocal(library)
}
