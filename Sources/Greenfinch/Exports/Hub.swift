// The hub, and asking it: what Greenfinch exports of Green.

@_exported import struct Green.BlockingReport
@_exported import struct Green.FiberBacktrace
@_exported import struct Green.FiberDescription
@_exported import struct Green.FiberSwitch
@_exported import struct Green.FiberWait
@_exported import struct Green.Histogram
@_exported import class Green.Hub
@_exported import struct Green.HubClock
@_exported import struct Green.HubCounters
@_exported import struct Green.HubDump
@_exported import enum Green.HubError
@_exported import class Green.HubPool
@_exported import struct Green.HubTimer
@_exported import class Green.HubTrace
@_exported import struct Green.KnownBlocker
@_exported import enum Green.Readiness
@_exported import class Green.RemoteFiber
@_exported import struct Green.StackCensus
@_exported import class Green.SwitchHook
@_exported import enum Green.WaitKind
