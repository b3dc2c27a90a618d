#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records to search and filter on a real Argilla server, and what should be found, for search.sh.
usage: search.py fill URL KEY NAME COUNT          makes them; every 100th is submitted, by the key's user
       search.py add URL KEY NAME NUMBER TEXT     one more
       search.py wanted COUNT EXPRESSION          external ids of those for which it is true; "by" KEY: in order
       search.py found COUNT EXPRESSION URL KEY NAME BODY   four lines of them: of the records on standard input (a JSON
                                                  object a line), of those for which it is true; and, where BODY is
                                                  given, of those that the server finds, of the second in order
       search.py clear URL KEY NAME               takes the dataset away"""
import json
import re  # for the expressions
import sys

from servers import call, find

PAGE = 500


def fact(i):
    """What record i is made of."""
    text = f"Entry {i} of the log." + " The keeper slept." * (i % 40 == 7) + " 灯台守は起きた。" * (i % 90 == 5)
    return {
        "i": i, "text": text, "topic": "other" if i % 10 else ("sea", "sky", "deep")[i % 3], "length": i % 200, "share": i % 64 / 64,
        "place": i * 7 % 2003, "suggested": i % 5 + 1 if i % 4 == 0 else 0, "score": i % 10 / 10,
        "agent": ("judge", "Bot 2")[i % 40 == 0], "rating": 0 if i % 100 else 2 + i // 100 % 4,
        "remark": "" if i % 100 else f"far too {('long', 'Short')[i // 100 % 2]}",
    }


def upsert(url, key, dataset, facts):
    base = f"/api/v1/datasets/{dataset}"
    rating = {question["name"]: question["id"] for question in call(url, base + "/questions", key)["items"]}["rating"]
    me = call(url, "/api/v1/me", key)["id"]
    items = []
    for this in facts:
        item = {"external_id": str(this["i"]), "fields": {"text": this["text"]},
                "metadata": {name: this[name] for name in ("topic", "length", "share", "place")}}
        if this["suggested"]:
            item["suggestions"] = [{"question_id": rating, "value": this["suggested"], "score": this["score"], "agent": this["agent"]}]
        if this["rating"]:
            item["responses"] = [{"user_id": me, "status": "submitted", "values": {
                "rating": {"value": this["rating"]}, "remark": {"value": this["remark"]}}}]
        items.append(item)
    for start in range(0, len(items), PAGE):
        call(url, base + "/records/bulk", key, "PUT", {"items": items[start:start + PAGE]})


def fill(url, key, name, count):
    workspace = call(url, "/api/v1/me/workspaces", key)["items"][0]["id"]
    dataset = call(url, "/api/v1/datasets", key, "POST", {"name": name, "workspace_id": workspace})["id"]
    base = f"/api/v1/datasets/{dataset}"
    call(url, base + "/fields", key, "POST", {"name": "text", "title": "Text", "required": True, "settings": {"type": "text"}})
    rating = {"type": "rating", "options": [{"value": value} for value in range(1, 6)]}
    call(url, base + "/questions", key, "POST", {"name": "rating", "title": "Rating", "required": True, "settings": rating})
    call(url, base + "/questions", key, "POST", {"name": "remark", "title": "Remark", "required": False, "settings": {"type": "text"}})
    for name_of, kind in (("topic", "terms"), ("length", "integer"), ("share", "float"), ("place", "integer")):
        call(url, base + "/metadata-properties", key, "POST", {"name": name_of, "title": name_of, "settings": {"type": kind}})
    call(url, base + "/publish", key, "PUT")
    upsert(url, key, dataset, [fact(i) for i in range(count)])


def server(url, key, name, body):
    path = f"/api/v1/me/datasets/{find(url, key, name)}/records/search?limit={PAGE}"
    found = []
    while True:
        items = call(url, f"{path}&offset={len(found)}", key, "POST", json.loads(body))["items"]
        found += [item["record"]["external_id"] for item in items]
        if len(items) < PAGE:
            return sorted(found, key=int)


def wanted(count, expression):
    condition, _, order = expression.partition(" by ")
    found = [r for r in map(fact, range(count)) if eval(condition, {"re": re}, {"r": r, **r})]  # pylint: disable=eval-used
    if order:
        found.sort(key=lambda r: eval(order, {}, r))  # pylint: disable=eval-used
    return [str(r["i"]) for r in found]


if __name__ == "__main__":
    what, words = sys.argv[1], sys.argv[2:]
    if what == "fill":
        fill(*words[:3], int(words[3]))
    elif what == "add":
        upsert(*words[:2], find(*words[:3]), [{**fact(int(words[3])), "text": words[4], "rating": 0}])
    elif what == "clear":
        call(words[0], f"/api/v1/datasets/{find(*words)}", words[1], "DELETE")
    elif what == "wanted":
        print(*wanted(int(words[0]), words[1]))
    else:
        true = wanted(int(words[0]), words[1])
        print(*[json.loads(line)["external_id"] for line in sys.stdin])
        print(*true)
        if words[5]:
            print(*server(*words[2:]))
            print(*sorted(true, key=int))
