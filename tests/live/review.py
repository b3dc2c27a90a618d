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
import urllib.error
import urllib.request

PASSWORD = "a password that is long"


def call(url, key, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Argilla-Api-Key": key, "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()[:300]}")


def find(url, key, name):
    for dataset in call(url, key, "GET", "/api/v1/me/datasets")["items"]:
        if dataset["name"] == name:
            return dataset
    sys.exit(f"no dataset {name}")


def fill(url, key, name, count):
    workspace = call(url, key, "GET", "/api/v1/me/workspaces")["items"][0]["id"]
    dataset = call(url, key, "POST", "/api/v1/datasets", {"name": name, "workspace_id": workspace})["id"]
    base = f"/api/v1/datasets/{dataset}"
    text = {"name": "text", "title": "Text", "required": True, "settings": {"type": "text"}}
    call(url, key, "POST", base + "/fields", text)
    rating = {"type": "rating", "options": [{"value": value} for value in range(1, 6)]}
    call(url, key, "POST", base + "/questions", {"name": "rating", "title": "Rating", "required": True, "settings": rating})
    call(url, key, "PUT", base + "/publish")
    for start in range(0, count, 500):
        items = [{"external_id": f"row-{row}", "fields": {"text": f"Record {row}: 日本 and more."}}
                 for row in range(start, min(start + 500, count))]
        call(url, key, "PUT", base + "/records/bulk", {"items": items})
    keys = [key]
    for who in ("ann", "bob"):
        user = call(url, key, "POST", "/api/v1/users", {"username": f"{name}-{who}", "first_name": who,
                                                       "password": PASSWORD, "role": "annotator"})
        call(url, key, "POST", f"/api/v1/workspaces/{workspace}/users", {"user_id": user["id"]})
        keys.append(user["api_key"])
    print(*keys)


def answer(url, key, name, count):
    dataset = find(url, key, name)["id"]
    items = call(url, key, "POST", f"/api/v1/me/datasets/{dataset}/records/search?limit={count}", {})["items"]
    for item in items:
        call(url, key, "POST", "/api/v1/me/responses/bulk", {"items": [
            {"record_id": item["record"]["id"], "status": "submitted", "values": {"rating": {"value": 2}}}]})


def clear(url, key, name):
    call(url, key, "DELETE", f"/api/v1/datasets/{find(url, key, name)['id']}")
    users = call(url, key, "GET", "/api/v1/users")
    for user in users.get("items", users) if isinstance(users, dict) else users:
        if user["username"] in (f"{name}-ann", f"{name}-bob"):
            call(url, key, "DELETE", f"/api/v1/users/{user['id']}")


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
