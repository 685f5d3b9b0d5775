"""Files of descriptors."""

__all__ = ["FileObject", "FileObjectPosix", "FileObjectThread", "FileObjectBlock"]


def FileObject(fobj, mode="r", bufsize=-1, close=True, **options):
    """The file itself, or one of a descriptor."""
    if hasattr(fobj, "read"):
        return fobj
    return open(fobj, mode, bufsize, closefd=close, **options)


FileObjectPosix = FileObjectThread = FileObjectBlock = FileObject
