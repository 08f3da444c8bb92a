"""From errors of the system to ours: a total table."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, TypeVar

from holdall.errors import AccessDenied, HoldallError, InvalidArgument, ResourceMissing, TooLarge, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_MEANINGS: dict[int, tuple[type[HoldallError], str]] = {
    errno.EACCES: (AccessDenied, "the process may not do this in the store's folder"),
    errno.EPERM: (AccessDenied, "the process may not do this in the store's folder"),
    errno.EROFS: (AccessDenied, "the store's folder is on a file system that is read-only"),
    errno.ENOSPC: (TooLarge, "the file system is full"),
    errno.EDQUOT: (TooLarge, "the quota of the file system is used up"),
    errno.EFBIG: (TooLarge, "the file system takes no file of that size"),
    errno.ENAMETOOLONG: (InvalidArgument, "the file system takes no path of that length"),
    errno.ENOENT: (ResourceMissing, "a folder of the store was removed while it was in use"),
    errno.ENOTDIR: (ResourceMissing, "a file lies where the store's folder should be"),
}


def translated(fn: Callable[[], T]) -> T:
    """
    Return what a function returns.

    Raises:
        HoldallError: What an error of the system means.
    """
    try:
        return fn()
    except HoldallError:
        raise
    except OSError as error:
        cls, words = _MEANINGS.get(error.errno or 0, (Unavailable, "the file system failed"))
        raise cls(words) from error
