"""The demonstration: the airports into each store, the questions to each, and the answers side by side."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tqdm import tqdm

import holdall

from . import sheets
from .app import AIRPORTS, handler
from .data import PART, load_airports
from .questions import Answer, ask_all
from .settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .app import Airport


class Report(NamedTuple):
    """What one store did, with a cache or without: seconds for loading and for all the questions."""

    name: str
    loaded: int
    loading: float
    answers: list[Answer]
    asking: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; return 0 where every store gave the same answers."""
    options = parser().parse_args(arguments)
    airports = load_airports(PART if options.part else None)
    console = Console()
    try:
        stores, blobs = chosen(options)
        reports = [run(url, airports, cache) for url in stores for cache in options.caches]
        drawn = [run_sheets(url, cache) for url in blobs for cache in options.caches]
    except holdall.HoldallError as error:
        console.print(f"[red]{error.code}[/red]: {error}", highlight=False)
        return 2
    console.print(answers_table(reports[0].answers), stores_table(reports))
    if drawn:
        console.print(sheets_table([named(url, cache) for url in blobs for cache in options.caches], drawn))
    equal = all(report.answers == reports[0].answers for report in reports) and all(one == drawn[0] for one in drawn)
    return 0 if equal else 1


def chosen(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return the stores of the command line, and those that the settings name, if a source of them is given."""
    if options.config is None:
        return options.urls or ["memory://"], options.blobs
    settings = load_settings(options.config)
    return [*options.urls, settings.store], [*options.blobs, settings.sheets]


def run(url: str, airports: Sequence[Airport], cache: str | None) -> Report:
    """Load one store and put the questions to it."""
    name = named(url, cache)
    with holdall.open_repository(url, AIRPORTS, cache=cache) as store:
        store.provision()
        start = time.perf_counter()
        loaded = store.put_many(tqdm(airports, desc=name, unit=" airports"))
        middle = time.perf_counter()
        answers = ask_all(lambda event, context: handler(event, context, store))
        return Report(name, loaded, middle - start, answers, time.perf_counter() - middle)


def run_sheets(url: str, cache: str | None) -> list[sheets.Answer]:
    """Store the sheets of some countries in one blob store, and put the questions to it."""
    with holdall.open_blobs(url, cache=cache) as store:
        store.provision()
        sheets.draw(store, tqdm(load_airports(PART), desc=named(url, cache), unit=" sheets"))
        return sheets.ask_all(store)


def sheets_table(names: Sequence[str], drawn: Sequence[list[sheets.Answer]]) -> Table:
    """Return the answers about the sheets, and whether they are those of the first store."""
    table = Table("question", "answer", title=f"Sheets: {', '.join(names)}")
    for number, (title, text) in enumerate(drawn[0]):
        equal = all(answers[number].text == text for answers in drawn)
        table.add_row(title, escape(text) if equal else "[red]differ")
    return table


def answers_table(answers: Sequence[Answer]) -> Table:
    """Return the answers as a table, each in short."""
    table = Table(title="Airports: the questions and their answers")
    table.add_column("question", no_wrap=True)
    table.add_column("status")
    table.add_column("answer", overflow="fold")
    for answer in answers:
        colour = "green" if answer.status < 400 else "yellow"
        table.add_row(answer.title, f"[{colour}]{answer.status}", escape(in_short(answer)))
    return table


def in_short(answer: Answer) -> str:
    """Return an answer in one line for people; the comparison takes the whole."""
    content = json.loads(answer.body or "{}")
    if "error" in content:
        return f"{content['error']}: {content['message']}"
    if "items" in content:
        return _codes([each["icao"] for each in content["items"]], more=content["next"] is not None)
    if "icao" in content:
        return f"{content['icao']} {content['name']}, {content['city'] or '-'}, {content['elevation']:g} ft"
    return ", ".join(f"{value} {name}" for name, value in content.items())


def _codes(codes: Sequence[str], *, more: bool) -> str:
    shown = ", ".join(codes if len(codes) <= 5 else [*codes[:2], "...", codes[-1]])
    return f"{len(codes)} airports{f': {shown}' if codes else ''}{'; a next page' if more else ''}"


def stores_table(reports: Sequence[Report]) -> Table:
    """Return what each store did, and whether its answers are those of the first."""
    table = Table("store", "airports", "load, s", "questions, s", "answers", title="Stores")
    first = reports[0].answers
    for report in reports:
        different = [one.title for one, other in zip(report.answers, first, strict=True) if one != other]
        verdict = "[red]differ: " + ", ".join(different) if different else f"[green]equal, all {len(first)}"
        numbers = (str(report.loaded), f"{report.loading:.2f}", f"{report.asking:.2f}")
        table.add_row(report.name, *numbers, verdict)
    return table


def named(url: str, cache: str | None) -> str:
    """Return what a store is called, with the cache in front of it."""
    store = url.partition("?")[0]
    return store if cache is None else f"{store} behind {cache.partition('?')[0]}"


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    found = argparse.ArgumentParser("python -m examples.airports", description=__doc__)
    found.add_argument("urls", nargs="*", metavar="URL", help="a store, such as memory://")
    found.add_argument("--blobs", nargs="*", default=[], metavar="URL", help="stores of the sheets, such as memory://")
    found.add_argument("--cache", dest="caches", nargs="*", action="extend", default=[None], metavar="URL",
                       help="ask each store once more with this cache in front, such as process://")  # fmt: skip
    found.add_argument("--config", metavar="URL", help="settings that name a store and a store of the sheets, too")
    found.add_argument("--part", action="store_true", help=f"load {', '.join(PART)} only")
    return found
