"""
A proxy that breaks answers on order, between an HTTP client and a server on this machine.

    with FaultProxy("http://127.0.0.1:4567") as proxy:
        proxy.order(cut(120), on="GetItem")
        client = boto3.client("dynamodb", endpoint_url=proxy.url)

Connections are kept alive on both sides. An order is for the next request, or the next of one operation (as the header
`X-Amz-Target` names it); without one, requests pass. Whatever an order does to an answer, what the server did stays.
"""

from .faults import Exchange, Fault, cut, delay, drop, edit, garble, invent, refuse, wrong_checksum
from .messages import Message
from .server import FaultProxy

__all__ = [
    "Exchange",
    "Fault",
    "FaultProxy",
    "Message",
    "cut",
    "delay",
    "drop",
    "edit",
    "garble",
    "invent",
    "refuse",
    "wrong_checksum",
]
