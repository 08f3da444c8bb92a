"""
What a server or its client refuses, as `CacheFailed`.

The table is total: a test walks every error of both packages. The server's own words may hold values, so they never go
into our messages; only the word that they begin with is recognised.
"""

from __future__ import annotations

from holdall.cache_drivers import CacheBusy, CacheFailed

_BUSY = "the server is not ready"
_DENIED = "the user's rights on the server don't suffice; allow GET, MGET, GETRANGE, SET, DEL, EVAL and EVALSHA"
_DOWN = "the cluster is not whole"
_MOVING = "the cluster is moving the key"
_READ_ONLY = "the server takes no writes: it is a replica, or was made one"
_SCRIPT = "the server broke a script off"
_SIGN_IN = "the server does not let the client in; check the username and the password"
_UNREACHED = "the connection failed"

CODES: dict[str, str] = {
    **dict.fromkeys(("LOADING", "BUSY", "MASTERDOWN"), _BUSY),
    **dict.fromkeys(("NOPERM",), _DENIED),
    **dict.fromkeys(("CLUSTERDOWN",), _DOWN),
    **dict.fromkeys(("MOVED", "ASK", "TRYAGAIN", "CROSSSLOT"), _MOVING),
    **dict.fromkeys(("READONLY", "NOREPLICAS", "MISCONF"), _READ_ONLY),
    **dict.fromkeys(("NOSCRIPT", "UNKILLABLE"), _SCRIPT),
    **dict.fromkeys(("NOAUTH", "WRONGPASS"), _SIGN_IN),
    **dict.fromkeys(("OOM",), "the server's memory is full, and its policy evicts nothing"),
    **dict.fromkeys(("WRONGTYPE",), "the key holds something of another program"),
}
"""By the word that the server's answer begins with."""

NAMES: dict[str, str] = {
    **dict.fromkeys(("TimeoutError", "Timeout"), "the server did not answer in time"),
    "MaxConnectionsError": "all connections are in use; see max_connections=",
    "ChildDeadlockedError": "the client was in use when the process was forked off",
    **dict.fromkeys(("AuthenticationError", "AuthorizationError", "AuthenticationWrongNumberOfArgsError",
                     "ExternalAuthProviderError"), _SIGN_IN),
    **dict.fromkeys(("NoPermissionError",), _DENIED),
    **dict.fromkeys(("BusyLoadingError",), _BUSY),
    **dict.fromkeys(("ReadOnlyError",), _READ_ONLY),
    **dict.fromkeys(("OutOfMemoryError",), CODES["OOM"]),
    **dict.fromkeys(("NoScriptError",), _SCRIPT),
    **dict.fromkeys(("AskError", "MovedError", "TryAgainError", "ClusterCrossSlotError"), _MOVING),
    **dict.fromkeys(("ClusterDownError", "MasterDownError", "ClusterError", "SlotNotCoveredError",
                     "RedisClusterException", "ValkeyClusterException"), _DOWN),
    **dict.fromkeys(("NoCredentials",), "there are no usable AWS keys to sign in by"),
    **dict.fromkeys(("ConnectionError", "OSError"), _UNREACHED),
    **dict.fromkeys(("InvalidResponse",), "the server's answer is garbled"),
    **dict.fromkeys(("ResponseError",), "the server refuses the command"),
}  # fmt: skip
"""By the name of the error's class, or of the nearest above it: both packages have the same."""

_OTHER = "the client failed"


def failed(error: Exception) -> CacheFailed:
    """Return what a driver raises in the place of an error."""
    said = reason(error)
    return (CacheBusy if said == NAMES["MaxConnectionsError"] else CacheFailed)(said)


def reason(error: Exception) -> str:
    """Return what an error means, also one that is not known."""
    if is_in_use(error):
        return NAMES["MaxConnectionsError"]
    names = [cls.__name__ for cls in type(error).__mro__]
    # What is said with a class of its own is told by that, since it says more than the code.
    found = next((name for name in names if name in NAMES), None)
    if found in (None, "ResponseError", "ConnectionError"):
        return CODES.get(code(error)) or NAMES.get(found or "", _OTHER)
    return NAMES[found or ""]


def code(error: object) -> str:
    """Return the word that a server's refusal begins with, "" for any other error."""
    text = str(error) if isinstance(error, Exception) and error.args else ""
    return text.partition(" ")[0]


def is_in_use(error: object) -> bool:
    """Return whether no connection was given back in time."""
    return isinstance(error, Exception) and error.args[:1] == ("No connection available.",)


def is_lost(error: object) -> bool:
    """
    Return whether a connection failed, so that another may serve.

    It may be one that the server, or what is between, has closed while this process slept. What takes too long is none:
    it would take as long again, and the cache is there to save time.
    """
    return type(error).__name__ == "ConnectionError" and not is_in_use(error)


def is_wrong_type(error: object) -> bool:
    """Return whether the server refuses since what is there is no string."""
    return code(error) == "WRONGTYPE"


def is_no_script(error: object) -> bool:
    """Return whether the server refuses since it does not know the script."""
    return type(error).__name__ == "NoScriptError"
