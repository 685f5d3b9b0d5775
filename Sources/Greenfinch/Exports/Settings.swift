// Settings: what Greenfinch exports of Green.

@_exported import struct Green.RedirectFamilies
@_exported import class Green.Setting
@_exported import struct Green.SettingDescription
@_exported import enum Green.SettingSource
@_exported import enum Green.Settings
