"""Patching, which nothing here needs: Python's own blocking calls let other fibers run. All of it does nothing, and says so once."""

import importlib
import logging

__all__ = ["patch_all", "is_module_patched", "is_object_patched", "get_original"]

#: What was there before: nothing was replaced.
saved = {}
_has_told = False


def _tell(name):
    global _has_told
    if _has_told:
        return
    _has_told = True
    logging.getLogger("gunicorn.error").info(
        "gevent.monkey.%s() changes nothing: blocking calls let other requests run as they are.", name
    )


def patch_all(*args, **kwargs):
    """Nothing. True, as if it had been done."""
    _tell("patch_all")
    return True


def is_module_patched(mod_name):
    """True: what patching is for, there is."""
    return True


def is_object_patched(mod_name, item_name):
    return True


def is_anything_patched():
    return True


def get_original(mod_name, item_name):
    """What the module itself has."""
    module = importlib.import_module(mod_name)
    if isinstance(item_name, str):
        return getattr(module, item_name)
    return [getattr(module, name) for name in item_name]


def patch_item(module, attr, newitem):
    """Replaces something, as whoever asks for it wants."""
    setattr(module, attr, newitem)


def __getattr__(name):
    if name.startswith("patch_"):

        def patch(*args, **kwargs):
            _tell(name)
            return True

        patch.__name__ = name
        return patch
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
