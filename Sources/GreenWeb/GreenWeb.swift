// What a handler is written with comes with the framework: an application imports one module.
@_exported public import GreenHTTP
@_exported public import HTTPTypes
@_exported public import Logging
