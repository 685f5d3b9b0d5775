// The one import an application needs.
@_exported import Green
@_exported import GreenHTTP
@_exported import GreenRedirect
@_exported import GreenServer
@_exported import GreenTasks
@_exported import GreenWeb
