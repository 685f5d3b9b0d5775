// Synchronisation: what Greenfinch exports of Green.

@_exported import class Green.Barrier
@_exported import class Green.BroadcastChannel
@_exported import struct Green.BroadcastLag
@_exported import class Green.BroadcastReceiver
@_exported import class Green.Channel
@_exported import struct Green.ChannelClosed
@_exported import class Green.Condition
@_exported import class Green.Event
@_exported import class Green.JoinableQueue
@_exported import class Green.Latch
@_exported import class Green.PriorityQueue
@_exported import class Green.Promise
@_exported import enum Green.QueueOrder
@_exported import struct Green.QueueShutDown
@_exported import class Green.ReadWriteLock
@_exported import class Green.ReentrantMutex
@_exported import struct Green.SelectCase
@_exported import class Green.SingleFlight
@_exported import class Green.Watch
@_exported import class Green.WatchChanges
@_exported import func Green.select
