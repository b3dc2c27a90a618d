#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three users and a dataset of many records on a real Argilla server, for review.sh.
usage: review.py fill URL KEY NAME COUNT     prints the keys of the owner and two annotators
       review.py answer URL KEY NAME COUNT   the first COUNT records, as this user, on the web
       review.py clear URL KEY NAME          takes dataset and users away
       review.py place STORE                 records read, and where a pull of all goes on"""
import json
import sqlite3
import sys

from servers import call, find

PASSWORD = "a password that is long"


def fill(url, key, name, count):
    workspace = call(url, "/api/v1/me/workspaces", key)["items"][0]["id"]
    dataset = call(url, "/api/v1/datasets", key, "POST", {"name": name, "workspace_id": workspace})["id"]
    base = f"/api/v1/datasets/{dataset}"
    text = {"name": "text", "title": "Text", "required": True, "settings": {"type": "text"}}
    call(url, base + "/fields", key, "POST", text)
    rating = {"type": "rating", "options": [{"value": value} for value in range(1, 6)]}
    call(url, base + "/questions", key, "POST", {"name": "rating", "title": "Rating", "required": True, "settings": rating})
    call(url, base + "/publish", key, "PUT")
    for start in range(0, count, 500):
        items = [{"external_id": f"row-{row}", "fields": {"text": f"Record {row}: 日本 and more."}}
                 for row in range(start, min(start + 500, count))]
        call(url, base + "/records/bulk", key, "PUT", {"items": items})
    keys = [key]
    for who in ("ann", "bob"):
        user = call(url, "/api/v1/users", key, "POST", {"username": f"{name}-{who}", "first_name": who,
                                                       "password": PASSWORD, "role": "annotator"})
        call(url, f"/api/v1/workspaces/{workspace}/users", key, "POST", {"user_id": user["id"]})
        keys.append(user["api_key"])
    print(*keys)


def answer(url, key, name, count):
    dataset = find(url, key, name)
    items = call(url, f"/api/v1/me/datasets/{dataset}/records/search?limit={count}", key, "POST", {})["items"]
    for item in items:
        call(url, "/api/v1/me/responses/bulk", key, "POST", {"items": [
            {"record_id": item["record"]["id"], "status": "submitted", "values": {"rating": {"value": 2}}}]})


def clear(url, key, name):
    call(url, f"/api/v1/datasets/{find(url, key, name)}", key, "DELETE")
    users = call(url, "/api/v1/users", key)
    for user in users.get("items", users) if isinstance(users, dict) else users:
        if user["username"] in (f"{name}-ann", f"{name}-bob"):
            call(url, f"/api/v1/users/{user['id']}", key, "DELETE")


def place(store):
    try:
        base = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        count = base.execute("SELECT count(*), count(DISTINCT external_id), total(status = 2) FROM record").fetchone()
        note = base.execute("SELECT value FROM note WHERE key LIKE 'pull:%'").fetchone()
    except sqlite3.Error:
        print("0 0 0 0")
        return
    memory = json.loads(note[0]) if note else {}
    print(count[0], count[1], int(count[2]), memory.get("before", 0) if memory.get("number") else 0)


if __name__ == "__main__":
    if sys.argv[1] == "place":
        place(sys.argv[2])
    elif sys.argv[1] in ("fill", "answer"):
        {"fill": fill, "answer": answer}[sys.argv[1]](*sys.argv[2:5], int(sys.argv[5]))
    else:
        clear(*sys.argv[2:5])
