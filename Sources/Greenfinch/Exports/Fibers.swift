// Fibers: what Greenfinch exports of Green.

@_exported import class Green.AnyFiber
@_exported import struct Green.Deadline
@_exported import class Green.Fiber
@_exported import class Green.FiberGroup
@_exported import enum Green.FiberIsolation
@_exported import class Green.FiberLocal
@_exported import class Green.FiberPool
@_exported import enum Green.FiberPriority
@_exported import class Green.OffloadPool
@_exported import class Green.RetryBudget
@_exported import struct Green.RetryPolicy
@_exported import enum Green.ThreadWords
@_exported import struct Green.TimeoutError
@_exported import func Green.offload
@_exported import func Green.retry
@_exported import func Green.withDeadline
@_exported import func Green.withDiscardingFiberGroup
@_exported import func Green.withEarlyCancellation
@_exported import func Green.withFiberGroup
@_exported import func Green.withShield
@_exported import func Green.withTimeout
