// What waits throw: `catch Errno.timedOut`.

@_exported import struct SystemPackage.Errno
