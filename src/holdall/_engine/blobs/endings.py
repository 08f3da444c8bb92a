"""
Media types by the ending of a key.

A list of its own, since Python's reads files of the system, and so differs from one machine to the next.
"""

from __future__ import annotations

_TYPES = {
    "application/gzip": "gz tgz",
    "application/json": "json",
    "application/jsonl": "jsonl ndjson",
    "application/pdf": "pdf",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/wasm": "wasm",
    "application/xml": "xml",
    "application/yaml": "yaml yml",
    "application/zip": "zip whl",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg oga",
    "audio/wav": "wav",
    "font/woff2": "woff2",
    "image/avif": "avif",
    "image/gif": "gif",
    "image/jpeg": "jpg jpeg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff",
    "image/webp": "webp",
    "image/x-icon": "ico",
    "text/calendar": "ics",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html htm",
    "text/javascript": "js mjs",
    "text/markdown": "md",
    "text/plain": "txt log",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
_BY_ENDING = {ending: media_type for media_type, endings in _TYPES.items() for ending in endings.split()}


def media_type_of(key: str) -> str | None:
    """Return the media type of a key by its ending; None where that says nothing."""
    name, dot, ending = key.rpartition("/")[2].rpartition(".")
    return _BY_ENDING.get(ending.lower()) if dot and name else None
