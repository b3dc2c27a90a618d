#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sherd stats of three users on real servers, beside the krippendorff package over the
responses that plain HTTP tells. Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL") and
SHERD_LIVE_ARGILLA_KEY (an owner's, with a workspace "argilla"). Prints TAP.
"""
import json
import os
import random
import subprocess
import tempfile
import uuid

import krippendorff
import numpy

from servers import OWNER, call, find_workspace, made, make_user, ok, run

RECORDS = 60


def sherd(url, key, store, name, *words):
    ran = subprocess.run(
        [os.environ["SHERD_BIN"], *words, "--store", store, "--server", url, "--dataset", name,
         "--workspace", "argilla"], capture_output=True, text=True, check=False,
        env={**os.environ, "ARGILLA_API_KEY": key, "ARGILLA_API_URL": url})
    if ran.returncode:
        print(f"# {words}: {ran.stderr}")
    return ran.stdout


def answer(url, key, records, ratings):
    items = [{"record_id": record, "status": "submitted",
              "values": {"response-rating": {"value": rating}}}
             for record, rating in zip(records, ratings) if rating]
    for start in range(0, len(items), 100):
        call(url, "/api/v1/me/responses/bulk", key, "POST", {"items": items[start:start + 100]})


def responses(url, dataset):
    """By record and user, of everybody."""
    found = call(url, f"/api/v1/datasets/{dataset}/records?limit=1000&include=responses", OWNER)
    return {record["id"]: {x["user_id"]: x["values"]["response-rating"]["value"]
                           for x in record["responses"] if x["status"] == "submitted"}
            for record in found["items"]}


def check(url, folder):
    rng = random.Random(3)
    name, store = f"stats-{uuid.uuid4().hex[:8]}", os.path.join(folder, uuid.uuid4().hex)
    with open(f"{store}.txt", "w", encoding="utf-8") as prompts:
        prompts.writelines(f"Question {i}?\n" for i in range(RECORDS))
    sherd(url, OWNER, store, name, "dataset", "create", name)
    sherd(url, OWNER, store, name, "run", f"{store}.txt", "--endpoint", "demo", "--concurrency", "8")
    sherd(url, OWNER, store, name, "sync")
    workspace = find_workspace(url)
    dataset = next(x["id"] for x in call(url, "/api/v1/me/datasets", OWNER)["items"]
                   if x["name"] == name)
    made.append((url, f"/api/v1/datasets/{dataset}"))
    people = [make_user(url, workspace, "stats") for _ in range(2)]
    admin = make_user(url, workspace, "stats", "admin")
    records = list(responses(url, dataset))
    truth = [rng.randint(1, 5) for _ in records]
    for key in [OWNER] + [x["api_key"] for x in people]:
        answer(url, key, records, [None if rng.random() < 0.2 else
                                   x if rng.random() < 0.7 else rng.randint(1, 5) for x in truth])
    sherd(url, OWNER, store, name, "sync")
    told = json.loads(sherd(url, OWNER, store, name, "stats", "--json"))
    there = responses(url, dataset)
    users = sorted({user for record in there.values() for user in record})
    data = numpy.array([[record.get(user, numpy.nan) for record in there.values()]
                        for user in users], dtype=float)
    question = told["agreement"]["questions"][0]
    ok(f"{url}: all records are counted", told["records"] == RECORDS, told["records"])
    for metric in ("nominal", "ordinal", "interval"):
        wanted = krippendorff.alpha(data, level_of_measurement=metric)
        ok(f"{url}: alpha, {metric}, is the package's", abs(question[metric] - wanted) < 1e-9,
           (question[metric], wanted))
    ok(f"{url}: the interval is round it", question["low"] < question["alpha"] < question["high"])
    ok(f"{url}: everybody is told by name",
       {x["name"] for x in told["people"]} == {None} | {x["username"] for x in people},
       told["people"])
    ok(f"{url}: every rating is counted", sorted(x["rated"] for x in told["people"]) ==
       sorted(int(numpy.count_nonzero(~numpy.isnan(x))) for x in data), told["people"])
    ann = people[0]["api_key"]
    sherd(url, ann, f"{store}-ann", name, "sync")
    hers = json.loads(sherd(url, ann, f"{store}-ann", name, "stats", "--json"))
    ok(f"{url}: an annotator sees their own answers alone",
       len(hers["people"]) == 1 and hers["agreement"]["alpha"] is None, hers["people"])
    sherd(url, admin["api_key"], f"{store}-admin", name, "sync")
    theirs = json.loads(sherd(url, admin["api_key"], f"{store}-admin", name, "stats", "--json"))
    ok(f"{url}: an admin sees as much as the owner",
       abs(theirs["agreement"]["alpha"] - told["agreement"]["alpha"]) < 1e-9 and
       {x["username"] for x in people} <= {x["name"] for x in theirs["people"]}, theirs["people"])


run(check)
