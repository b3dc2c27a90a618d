#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python SDK logging the same records, for its wall and CPU time.

usage: sdk_log.py URL KEY DATASET FOLDER   FOLDER holds body*.json of record_proxy.py
Needs argilla 2.x. Prints "WALL CPU" in seconds, the import included.
"""
import json
import pathlib
import resource
import sys
import time

begin = time.monotonic()
import argilla as rg  # noqa: E402

url, key, name, folder = sys.argv[1:5]
client = rg.Argilla(api_url=url, api_key=key)
dataset = client.datasets(name=name, workspace="argilla")
records = []
for path in sorted(pathlib.Path(folder).glob("body*.json")):
    for item in json.loads(path.read_bytes())["items"]:
        records.append(rg.Record(id=item["external_id"], fields=item["fields"],
                                 metadata=item.get("metadata") or {}))
dataset.records.log(records)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(f"{time.monotonic() - begin:.2f} {usage.ru_utime + usage.ru_stime:.2f}")
