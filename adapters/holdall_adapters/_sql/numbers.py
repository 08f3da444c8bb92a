"""
Decimal numbers as text that sorts like the numbers, for databases without exact decimals.

    -1.5  ->  -499.84~      each digit, and the exponent, turned round; "~" sorts behind every digit
     0    ->  0
     1.5  ->  p500.15       500 + the power of ten of the first digit, then the digits without their zeros at the end

The text depends on the value alone (1.10 and 1.1 have one form), so equality, order, keys and unique indexes are the
database's own.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from holdall._model.kinds import BadValue

_BIAS = 500
_FORM = re.compile(r"p[0-9]{3}\.[0-9]+|-[0-9]{3}\.[0-9]+~")
_TURNED = str.maketrans("0123456789", "9876543210")


def encode_number(value: int | Decimal) -> str:
    """
    Return the text of a number.

    Raises:
        BadValue: Its magnitude is beyond what the text has room for.
    """
    sign, digits, _ = (value if isinstance(value, Decimal) else Decimal(value)).as_tuple()
    if not value:
        return "0"
    exponent = Decimal(value).adjusted() + _BIAS
    if not 0 <= exponent < 1000:
        raise BadValue("the number's magnitude is outside 1E-500 to 1E+499")
    text = f"{exponent:03d}." + "".join(map(str, digits)).strip("0")
    return f"-{text.translate(_TURNED)}~" if sign else f"p{text}"


def decode_number(text: Any) -> Decimal:
    """
    Return the number of a text.

    Raises:
        BadValue: The text is not of this form.
    """
    if text == "0":
        return Decimal(0)
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadValue("expected a number in its sortable form, but something else is stored")
    sign, body = ("-", text[1:-1].translate(_TURNED)) if text[0] == "-" else ("", text[1:])
    exponent, digits = body.split(".")
    return Decimal(f"{sign}{digits}E{int(exponent) - _BIAS - len(digits) + 1}")
