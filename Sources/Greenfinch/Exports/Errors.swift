// What waits throw: `catch let error as Errno where error == .timedOut`. The short `catch Errno.timedOut` is an
// operator of SystemPackage's, which a program imports for it.

@_exported import struct SystemPackage.Errno
