"""Errors as the service sends them."""

from __future__ import annotations


class ApiError(Exception):
    """An error of the service: its name, HTTP status and message."""

    def __init__(self, name: str, message: str, status: int = 400) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.status = status


def bad_request(message: str) -> ApiError:
    """Return the error of a request that is wrong in itself."""
    return ApiError("BadRequestException", message)


def database_error(message: str) -> ApiError:
    """Return the error of a statement that the database refused."""
    return ApiError("DatabaseErrorException", message)


def no_transaction(number: str, why: str, *, ending: bool) -> ApiError:
    """Return the error of a transaction that is not open: it ended, expired, or never was."""
    name = "NotFoundException" if ending else "TransactionNotFoundException"
    return ApiError(name, f"Transaction {number} is not found. {why}", 404)
