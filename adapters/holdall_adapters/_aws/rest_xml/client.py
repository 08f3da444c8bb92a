"""Calls to S3 without an SDK: signed here, sent over kept connections, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..checks import check_keys
from ..http import Request
from ..lean import LeanBase
from .answers import read_answer, read_refusal
from .operations import OPERATIONS, STREAMED
from .places import moved, place_of
from .requests import prepared
from .signing import RestSigner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.credentials import Credentials
    from holdall.io import Io

    from ..choice import Lean
    from ..connection import Connection
    from ..errors import Refused
    from ..lean import Transport
    from ..protocol import Answer
    from ..services import Service
    from .places import Place
    from .requests import Prepared

_SLOW = 60.0
"""Seconds to wait for a copy or the end of an upload, before which S3 sends white space now and then."""
_UNSAID = 400

_signers: dict[str, RestSigner] = {}


class RestCalls(LeanBase):
    """Calls of S3; each bucket at its place."""

    def __init__(self, io: Io, service: Service, connection: Connection, lean: Lean, transport: Transport) -> None:
        super().__init__(io, service, connection, lean, transport)
        self._places: dict[str, Place] = {}
        self._dialled: dict[Any, Any] = {}

    def _prepare(self, operation: str, params: Mapping[str, Any]) -> Prepared:
        return prepared(operation, params)

    async def _exchanged(self, operation: str, request: Prepared, credentials: Credentials) -> Answer:
        place = self._place(request.bucket)
        path = f"{place.path}/{request.key}" if request.key or not place.path else place.path
        endpoint = place.endpoint
        exchange = self._dialled.get(endpoint)
        if exchange is None:
            exchange = self._dialled[endpoint] = self._transport.dial(endpoint._replace(path=""))
        signer = _signers.get(place.region) or _signers.setdefault(place.region, RestSigner(place.region))
        headers = signer.headers(credentials, endpoint.authority, path, request, self._clock.now(), tls=endpoint.tls)
        self._add_common(headers)
        wait = self._connection.read_timeout
        return await self._io.call(exchange, Request(
            request.method, f"{path}?{request.query}" if request.query else path, headers, request.body,
            stream=operation in STREAMED, wait=max(wait, _SLOW) if OPERATIONS[operation].slow else wait,
        ))  # fmt: skip

    def _place(self, bucket: str) -> Place:
        place = self._places.get(bucket)
        if place is None:
            lean = self._lean
            own = lean.set_by is not None
            place = self._places[bucket] = place_of(bucket, lean.region, lean.endpoint, own=own)
        return place

    def _read(self, operation: str, params: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        try:
            found = read_answer(operation, OPERATIONS[operation], answer)
            check_keys(self._service, operation, params, found)
        except BaseException:
            if operation in STREAMED and not isinstance(answer.body, (bytes, bytearray)):
                answer.body.drop()
            raise
        return found

    def _refusal(self, answer: Answer) -> Refused:
        return read_refusal(answer)

    async def _mend(
        self, refused: Refused, request: Prepared, answer: Answer, credentials: Credentials
    ) -> str | None:
        if self._lean.set_by is None and refused.status in (301, 307, 400):
            place = moved(request.bucket, refused.region, self._place(request.bucket))
            if place is not None:
                self._places[request.bucket] = place
                return "region"
        if request.method == "HEAD" and refused.status == _UNSAID:
            # A key that has expired, perhaps: an answer to HEAD has no body that says so.
            return "keys" if await self._keys.renewed(self._io, self._transport.dial, credentials) else None
        return await super()._mend(refused, request, answer, credentials)
