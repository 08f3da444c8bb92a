"""
What one process of its own does for the section "blobs".

    python -m benchmarks.blob_process cold boto3|holdall ADDRESS     prints CPU and wall seconds, and MB
    python -m benchmarks.blob_process memory read|write URL MIB      prints by how many MiB the process grew
"""

import sys
import time

_CPU, _WALL = time.process_time(), time.perf_counter()


def _cold(which: str, address: str) -> list[float]:
    if which == "boto3":
        import boto3

        client = boto3.client("s3", endpoint_url=address)
        data = client.get_object(Bucket="bench", Key="one")["Body"].read()
    else:
        import holdall

        data = holdall.open_blobs(address).require("one")
    assert len(data) == 1024
    spent = [time.process_time() - _CPU, time.perf_counter() - _WALL]
    from .measure import peak_bytes

    return [*spent, peak_bytes() / 2**20]


def _memory(verb: str, url: str, mib: str) -> list[float]:
    import holdall

    from .measure import peak_bytes

    with holdall.open_blobs(url) as blobs:
        blobs.require("one")
        before, size = peak_bytes(), int(mib) << 20
        if verb == "read":
            with blobs.open("large", "rb") as file:
                read = 0
                while data := file.read(1 << 20):
                    read += len(data)
            assert read == size
        else:
            with blobs.open("written", "wb") as file:
                for _ in range(size >> 20):
                    file.write(bytes(1 << 20))
            blobs.delete("written")
        return [(peak_bytes() - before) / 2**20]


if __name__ == "__main__":
    import json

    print(json.dumps(_cold(*sys.argv[2:]) if sys.argv[1] == "cold" else _memory(*sys.argv[2:])))
