"""A sheet for each airport, as blobs: its record as JSON, and where it is on the world as a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import holdall

from .app import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from holdall import BlobStore

    from .app import Airport


class Answer(NamedTuple):
    """What a question about the sheets gave, as text."""

    title: str
    text: str


PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">
<title>{name}</title>
<rect x="-180" y="-90" width="360" height="180" fill="#dfefff"/>
<circle cx="{x:g}" cy="{y:g}" r="2" fill="#c00"/>
</svg>
"""


def draw(sheets: BlobStore, airports: Iterable[Airport]) -> int:
    """Store the sheets, and return how many blobs that are."""
    done = 0
    for airport in airports:
        name = f"{airport.country}/{airport.icao}"
        sheets.put(f"{name}.json", json.dumps(shown(airport), ensure_ascii=False), metadata={"name": airport.name})
        sheets.put(f"{name}.svg", picture(airport))
        done += 2
    return done


def picture(airport: Airport) -> str:
    name = airport.name.replace("&", "&amp;").replace("<", "&lt;")
    return PICTURE.format(name=name, x=airport.longitude, y=-airport.latitude)


def known(sheets: BlobStore) -> Any:
    info = sheets.info("CH/LSZH.json")
    return info and (info.key, info.size, info.content_type, dict(info.metadata), info.checksum)


def written_twice(sheets: BlobStore) -> str:
    try:
        sheets.put("CH/LSZH.json", "{}", if_absent=True)
    except holdall.AlreadyExists as error:
        return f"{error.code}: {error.message}"
    return "written"


def given_up(sheets: BlobStore) -> Any:
    try:
        with sheets.open("CH/LSZH.json", "w") as file:
            file.write("half")
            raise RuntimeError
    except RuntimeError:
        return sheets.get("CH/LSZH.json", end=20)


def copied_and_moved(sheets: BlobStore) -> list[str]:
    sheets.copy("CH/LSZH.svg", "copies/one.svg")
    sheets.move("copies/one.svg", "copies/two.svg")
    found = [info.key for info in sheets.list("copies/")]
    sheets.delete_prefix("copies/")
    return found


def lines(sheets: BlobStore) -> list[str]:
    with sheets.open("IS/BIRK.svg", "r") as file:
        return [line.strip() for line in file if "circle" in line]


QUESTIONS: dict[str, Callable[[BlobStore], Any]] = {
    "a sheet": lambda sheets: json.loads(sheets.require("CH/LSZH.json"))["name"],
    "what is known of it": known,
    "its first bytes": lambda sheets: sheets.get("IS/BIRK.svg", end=20),
    "its last bytes": lambda sheets: sheets.get("IS/BIRK.svg", last=8),
    "its line with the dot": lines,
    "one that is not there": lambda sheets: sheets.get("CH/NOPE.json"),
    "the first of a country": lambda sheets: [info.key for info in sheets.list("CH/", limit=3)],
    "the countries": lambda sheets: sheets.list(delimiter="/").prefixes(),
    "one that is there already": written_twice,
    "one that was begun and given up": given_up,
    "a copy, moved": copied_and_moved,
}


def ask_all(sheets: BlobStore) -> list[Answer]:
    """Return the answers to all questions."""
    return [Answer(title, repr(question(sheets))) for title, question in QUESTIONS.items()]
