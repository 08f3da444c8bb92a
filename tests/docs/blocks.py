"""Runs the fenced blocks of a page: Python is executed, what it prints is compared, shell commands are checked."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from tests.docs import shell

if TYPE_CHECKING:
    from pathlib import Path

    from sybil import Document, Example

_OUTPUT = "printed by the block before"


def run_page(path: Path) -> int:
    """Run a page's blocks in their order, in one namespace; return how many there were."""
    document = _SYBIL.parse(path)
    document.namespace["__name__"] = path.stem
    blocks = list(document.examples())
    for block in blocks:
        block.evaluate()
    _check_nothing_unshown(document)
    return len(blocks)


def _run_python(example: Example) -> None:
    _check_nothing_unshown(example.document)
    name = example.namespace["__name__"]
    with redirect_stdout(io.StringIO()) as printed:
        PythonEvaluator()(example)
    example.namespace.update({"__name__": name, _OUTPUT: printed.getvalue()})


def _compare_output(example: Example) -> None:
    printed, shown = example.namespace.pop(_OUTPUT, ""), str(example.parsed)
    assert printed == shown, f"{example.path}, line {example.line}: printed is\n{printed}"


def _check_nothing_unshown(document: Document) -> None:
    unshown = document.namespace.pop(_OUTPUT, "")
    assert not unshown, f"printed, but not shown in a text block behind it: {unshown}"


def _check_shell(example: Example) -> None:
    for line in str(example.parsed).splitlines():
        shell.check(line)


EVALUATORS = {"python": _run_python, "text": _compare_output, "console": _check_shell}
"""By the language of the fence. A page can have no other, so no block is left out."""

_SYBIL = Sybil([CodeBlockParser(language, evaluator) for language, evaluator in EVALUATORS.items()])
