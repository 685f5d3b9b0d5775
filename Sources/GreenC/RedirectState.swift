public import CLibGreen
internal import Glibc
internal import Green
internal import GreenRedirect

@c @implementation
public func green_redirect_state() -> green_redirect_status {
  if !Redirect.isInstalled { return GREEN_REDIRECT_UNBOUND }
  return Settings.redirect.value.isEmpty || Redirect.families.isEmpty ? GREEN_REDIRECT_OFF : GREEN_REDIRECT_ACTIVE
}

@c @implementation
public func green_redirect_explanation() -> UnsafePointer<CChar>! {
  let text: StaticString =
    switch green_redirect_state() {
    case GREEN_REDIRECT_ACTIVE: "libc's blocking calls wait in the hub when a fiber makes them"
    case GREEN_REDIRECT_OFF: "libc's blocking calls block the thread: GREEN_REDIRECT=off"
    default:
      """
      libc's blocking calls block the thread: the program was started without libgreen, which was loaded later. \
      Link the program with it, or start it with LD_PRELOAD=libgreen.so
      """
    }
  return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func green_redirect_suspend() { Redirect.suspend() }

@c @implementation
public func green_redirect_resume() { Redirect.resume() }
