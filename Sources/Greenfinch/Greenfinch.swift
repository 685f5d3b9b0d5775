@_exported import GreenServer
@_exported import GreenWeb
