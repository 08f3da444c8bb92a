"""The public door."""

import subprocess
import sys

import holdall


def test_all_is_sorted_and_complete() -> None:
    public = {name for name, value in vars(holdall).items() if not name.startswith("_")}
    modules = {name for name in public if type(getattr(holdall, name)).__name__ == "module"}
    assert holdall.__all__ == sorted(holdall.__all__)
    assert set(holdall.__all__) - {"__version__"} == public - modules


def test_importing_holdall_loads_no_sdk_and_no_asyncio() -> None:
    code = (
        "import sys, holdall; "
        "sys.exit(' '.join({'asyncio', 'boto3', 'botocore', 'sqlalchemy', 'pydantic', 'attr', 'concurrent.futures'}"
        " & set(sys.modules)) or None)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
