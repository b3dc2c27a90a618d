# SPDX-License-Identifier: MIT
"""What the live tests in Python share: plain HTTP with somebody's key, users that are made for a test,
and TAP."""
import json
import os
import signal
import sys
import tempfile
import urllib.error
import urllib.request
import uuid

OWNER = os.environ.get("SHERD_LIVE_ARGILLA_KEY", "")
URLS = os.environ.get("SHERD_LIVE_ARGILLA", "").split()
told = {"number": 0, "failed": 0}
made = []  # (url, path) of what is deleted in the end


def ok(name, is_right, why=""):
    told["number"] += 1
    told["failed"] += not is_right
    print(f"{'ok' if is_right else 'not ok'} {told['number']} - {name}", flush=True)
    if not is_right:
        for line in str(why).splitlines():
            print(f"# {line}")


def call(url, path, key, method="GET", body=None):
    request = urllib.request.Request(
        url + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"X-Argilla-Api-Key": key, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        error.msg = f"{error.msg}, {method} {path}: {error.read().decode()[:300]}"
        raise


def find(url, key, name):
    for dataset in call(url, "/api/v1/me/datasets", key)["items"]:
        if dataset["name"] == name:
            return dataset["id"]
    sys.exit(f"no dataset {name}")


def find_workspace(url):
    return next(x["id"] for x in call(url, "/api/v1/me/workspaces", OWNER)["items"] if x["name"] == "argilla")


def make_user(url, workspace, name, role="annotator"):
    user = call(url, "/api/v1/users", OWNER, "POST", {
        "first_name": name, "username": f"{name}-{uuid.uuid4().hex[:8]}", "role": role, "password": "12345678"})
    made.append((url, f"/api/v1/users/{user['id']}"))
    call(url, f"/api/v1/workspaces/{workspace}/users", OWNER, "POST", {"user_id": user["id"]})
    return user


def run(check):
    """check(url, folder) of each server; on SIGTERM, too, what it made is deleted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory() as folder:
            for url in URLS:
                check(url, folder)
    finally:
        for url, path in reversed(made):
            call(url, path, OWNER, "DELETE")
    print(f"1..{told['number']}" if told["number"] else "1..0 # SKIP SHERD_LIVE_ARGILLA is not set")
    sys.exit(told["failed"] > 0)
