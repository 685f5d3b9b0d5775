// The one import an application needs: all of these modules, and of the runtime what is listed below.
//
// Not listed are `Mutex`, `Semaphore` and `Pipe` of Green: Synchronization, Glibc and Foundation have types of these names, and
// who imports those beside Greenfinch is to find no name with two meanings. `import class Green.Mutex` names the one of Green,
// also where Synchronization is imported.
@_exported import GreenHTTP
@_exported import GreenRedirect
@_exported import GreenServer
@_exported import GreenTasks
@_exported import GreenWeb

// Fibers.
@_exported import class Green.AnyFiber
@_exported import class Green.Fiber
@_exported import class Green.FiberGroup
@_exported import class Green.FiberLocal
@_exported import class Green.FiberPool
@_exported import enum Green.FiberPriority
@_exported import enum Green.FiberIsolation
@_exported import enum Green.ThreadWords
@_exported import struct Green.TimeoutError
@_exported import struct Green.Deadline
@_exported import func Green.withDeadline
@_exported import func Green.withDiscardingFiberGroup
@_exported import func Green.withFiberGroup
@_exported import func Green.withShield
@_exported import func Green.withTimeout
@_exported import func Green.offload
@_exported import class Green.OffloadPool

// Synchronisation.
@_exported import class Green.Channel
@_exported import struct Green.ChannelClosed
@_exported import class Green.Condition
@_exported import class Green.Event
@_exported import class Green.JoinableQueue
@_exported import class Green.PriorityQueue
@_exported import class Green.Promise
@_exported import enum Green.QueueOrder
@_exported import struct Green.QueueShutDown
@_exported import class Green.ReadWriteLock
@_exported import class Green.ReentrantMutex
@_exported import struct Green.SelectCase
@_exported import func Green.select

// The network.
@_exported import struct Green.AddressHints
@_exported import struct Green.AddressInfo
@_exported import struct Green.ConnectError
@_exported import struct Green.Datagram
@_exported import class Green.DatagramBatch
@_exported import class Green.DatagramServer
@_exported import class Green.DatagramSocket
@_exported import class Green.DescriptorStream
@_exported import enum Green.Direction
@_exported import struct Green.HostName
@_exported import class Green.Listener
@_exported import struct Green.MailExchange
@_exported import class Green.Pace
@_exported import struct Green.PeerCredentials
@_exported import struct Green.PointerRecord
@_exported import struct Green.ReceivedDatagram
@_exported import struct Green.ReceivedDescriptors
@_exported import enum Green.Resolver
@_exported import enum Green.ResolverError
@_exported import enum Green.ServerFault
@_exported import struct Green.ServiceRecord
@_exported import class Green.Socket
@_exported import struct Green.SocketAddress
@_exported import protocol Green.SocketHandle
@_exported import struct Green.SocketOption
@_exported import struct Green.SocketOptionError
@_exported import enum Green.StandardStreams
@_exported import class Green.StreamServer
@_exported import struct Green.TextRecord

// Processes, signals and files.
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

// The hub, and asking it.
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
@_exported import struct Green.HubTimer
@_exported import struct Green.KnownBlocker
@_exported import enum Green.Readiness
@_exported import struct Green.StackCensus
@_exported import class Green.SwitchHook
@_exported import enum Green.WaitKind

// Settings.
@_exported import protocol Green.AnySetting
@_exported import struct Green.RedirectFamilies
@_exported import class Green.Setting
@_exported import struct Green.SettingDescription
@_exported import enum Green.SettingSource
@_exported import enum Green.Settings
