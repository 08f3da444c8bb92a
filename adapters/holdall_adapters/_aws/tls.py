"""The one TLS context of each set of trusted authorities, made when it is first needed."""

from __future__ import annotations

import os
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from holdall.errors import ConfigError

if TYPE_CHECKING:
    import ssl

_lock = threading.Lock()
_contexts: dict[str | None, ssl.SSLContext] = {}


def context(bundle: str | None) -> ssl.SSLContext:
    """
    Return the context; it verifies the server's certificate and name, and no setting turns that off.

    Args:
        bundle: A file or folder of trusted authorities; None for the system's, or certifi's where it has none.

    Raises:
        ConfigError: The file is not there, or holds no certificate.
    """
    with _lock:
        if bundle not in _contexts:
            _contexts[bundle] = _make(bundle)
        return _contexts[bundle]


def _make(bundle: str | None) -> ssl.SSLContext:
    # Imported here: it costs more than the rest of the client, and a server on this machine needs none.
    import ssl

    if bundle is not None:
        is_folder = os.path.isdir(bundle)  # noqa: PTH112 - pathlib is slow to import
        try:
            if is_folder:
                return ssl.create_default_context(capath=bundle)
            return ssl.create_default_context(cafile=bundle)
        except OSError as error:
            raise ConfigError(f"the trusted authorities can't be read from {bundle!r}, which AWS_CA_BUNDLE or "
                              "REQUESTS_CA_BUNDLE gives") from error
    made = ssl.create_default_context()
    usual = ssl.get_default_verify_paths()
    if not (usual.cafile or usual.capath or made.cert_store_stats()["x509_ca"]) and find_spec("certifi") is not None:
        made.load_verify_locations(import_module("certifi").where())
    return made
