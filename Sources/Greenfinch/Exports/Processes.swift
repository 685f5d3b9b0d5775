// Processes, signals and files: what Greenfinch exports of Green.

@_exported import class Green.ChildPipe
@_exported import class Green.ChildProcess
@_exported import enum Green.ChildProcessError
@_exported import enum Green.ExitStatus
@_exported import struct Green.FileEvent
@_exported import enum Green.FileStatus
@_exported import class Green.FileStatusWatcher
@_exported import enum Green.FileWatchError
@_exported import class Green.FileWatcher
@_exported import struct Green.Signal
@_exported import enum Green.SignalError
@_exported import class Green.SignalHandler
@_exported import class Green.Signals
