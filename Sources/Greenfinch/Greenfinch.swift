// The one import an application needs: all of these modules, and of the runtime what the files in Exports list.
//
// Not listed are `Mutex`, `Semaphore` and `Pipe` of Green: Synchronization, Glibc and Foundation have types of these names,
// and a program that imports those beside Greenfinch should find no name with two meanings. `import class Green.Mutex` names
// the one of Green, also where Synchronization is imported.
@_exported import GreenHTTP
@_exported import GreenRedirect
@_exported import GreenServer
@_exported import GreenTasks
@_exported import GreenWeb
