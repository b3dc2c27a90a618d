#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the datasets package of PyPI makes of the files that `sherd export` wrote.

load_export.py FOLDER: FORMAT.jsonl (csv: csv.csv) and their manifests. Prints TAP: every format
loads, with exactly these columns and types, and as many rows as its manifest says.
"""
import json
import os
import sys

os.environ["HF_HOME"] = os.path.join(sys.argv[1], "cache")
os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402

datasets.disable_progress_bars()

MESSAGES = [{"role": "string", "content": "string"}]
COLUMNS = {
    "trl-preference": {"prompt": "string", "chosen": "string", "rejected": "string", "margin": "float64"},
    "trl-unpaired": {"prompt": "string", "completion": "string", "label": "bool"},
    "trl-prompt-completion": {"prompt": "string", "completion": "string"},
    "openai-dpo": {"input": {"messages": MESSAGES}, "preferred_output": MESSAGES, "non_preferred_output": MESSAGES},
    "jsonl": None,
    "csv": None,
}
AWKWARD = 'Two\nlines, "quotes", 日本語 and \\ \t'


def shape(feature):
    """A feature as plain Python: every version of the package writes lists its own way."""
    if isinstance(feature, list):
        return [shape(feature[0])]
    if isinstance(feature, dict):
        return {name: shape(inner) for name, inner in feature.items()}
    inner = getattr(feature, "feature", None)
    return [shape(inner)] if inner is not None else feature.dtype


number = failed = 0


def check(words, truth, saw=""):
    global number, failed
    number += 1
    failed += not truth
    print("ok" if truth else "not ok", number, "-", words)
    if not truth:
        print("#", saw)


def load(folder, name):
    kind = "csv" if name == "csv" else "json"
    path = os.path.join(folder, name + (".csv" if kind == "csv" else ".jsonl"))
    rows = datasets.load_dataset(kind, data_files=path, split="train")
    with open(path + ".manifest.json", encoding="utf-8") as manifest:
        return rows, json.load(manifest)


for name, columns in COLUMNS.items():
    rows, manifest = load(sys.argv[1], name)
    found = shape(dict(rows.features))
    if columns:
        check(f"{name} has these columns and types", found == columns, found)
    check(f"{name} has the rows that its manifest counts", len(rows) == manifest["written"] > 0, len(rows))
    check(
        f"{name}: the manifest names what it counts as left out",
        len(manifest["left_out"]) == sum(manifest["counts"].values()),
        manifest,
    )
    if name == "trl-preference":
        check("the texts come back as they were", AWKWARD in rows["chosen"], rows["chosen"])
        check("a choice and ratings have their margins", sorted(rows["margin"]) == [1.0, 2.0, 3.0], rows["margin"])
    elif name == "openai-dpo":
        talks = [len(row["input"]["messages"]) for row in rows]
        check("a conversation has its messages", max(talks) == 4, talks)
    elif name == "trl-unpaired":
        check("both labels are there", set(rows["label"]) == {True, False}, rows["label"])
    elif name == "csv":
        check("a cell with everything in it is one cell", AWKWARD in rows["response"], rows["response"])
print(f"1..{number}")
sys.exit(failed > 0)
