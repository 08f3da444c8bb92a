"""`python -m benchmarks [--quick] [--only SECTION] [--server URL]`; see README.md."""

from __future__ import annotations

import argparse
import importlib
import os
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from . import page
from .report import Row, save, table, targets_text
from .settings import Settings
from .targets import targets

SECTIONS = {
    "cold": "cold:run",
    "codec": "codec:run",
    "calls": "calls:run",
    "server": "calls:run_on_server",
    "sqlite": "relational:run_on_sqlite",
    "postgresql": "relational:run_on_postgresql",
    "mysql": "relational:run_on_mysql",
    "data-api": "data_api:run",
    "blobs": "blobs:run",
    "config": "config:run",
    "cache": "cache:run",
    "memory": "memory:run",
    "soak": "soak:run",
}
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the sections, print the tables, write the JSON file. It never fails for a slow result."""
    given = _arguments()
    # Else the developer's own settings might lead holdall to boto3.
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    server = given.server or ("none" if given.quick else "dynalite")
    settings = Settings(given.quick, None if server == "none" else server)
    rows: list[Row] = []
    for name in given.only or SECTIONS:
        started = time.monotonic()
        found = _run(name, settings)
        rows += found
        print(table(found), f"\n({name}: {time.monotonic() - started:.0f} s)", flush=True)
        # After each section, since a run takes long enough to be broken off.
        save(given.json, rows, targets(rows), asdict(settings))
    print(targets_text(targets(rows)))
    if not given.quick and not given.only:
        page.write(rows)
    print(f"\n{given.json}")


def _run(name: str, settings: Settings) -> list[Row]:
    module, _, function = SECTIONS[name].partition(":")
    rows: list[Row] = getattr(importlib.import_module(f"benchmarks.sections.{module}"), function)(settings)
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast holdall is beside its peers.")
    parser.add_argument("--quick", action="store_true", help="a smoke run; its timings mean nothing")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="this section (may be repeated)")
    parser.add_argument("--server", help="URL of a DynamoDB server, or none; by default dynalite, which needs npm")
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    parser.add_argument("--json", type=Path, default=RESULTS / f"{stamp}.json", help="where the numbers go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
