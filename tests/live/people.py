#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three users (an owner, two annotators) on one dataset of every question type, on real servers: what
they answer through the terminal's keys is what plain HTTP tells; roles, progress, min_submitted, the
answers of others, deciding between them, a clash of one person's two machines, and records that are
made anew. Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL"), SHERD_LIVE_ARGILLA_KEY (an owner's, with a
workspace "argilla") and tmux. SHERD_LIVE_SDK: a python that has the argilla package 2.x, which then
reads the answers as well. Prints TAP.
"""
import json
import os
import subprocess
import time
import urllib.error
import uuid

from servers import OWNER, call, find_workspace, made, make_user, ok, run

RECORDS = 12


class Person:
    """One user of one store."""

    def __init__(self, url, name, key, folder, dataset):
        self.url, self.name, self.key, self.dataset = url, name, key, dataset
        self.store = os.path.join(folder, uuid.uuid4().hex)
        self.socket = os.path.join(folder, uuid.uuid4().hex[:8])
        self.home = os.path.join(folder, f"home-{uuid.uuid4().hex[:8]}")
        os.mkdir(self.home)

    def env(self, **more):
        clean = {x: y for x, y in os.environ.items() if not x.startswith(("ARGILLA", "OPENAI", "XDG"))}
        return {**clean, "HOME": self.home, "LC_ALL": "C.UTF-8", "TZ": "UTC", "ARGILLA_API_KEY": self.key,
                "ARGILLA_API_URL": self.url, "ARGILLA_WORKSPACE": "argilla", **more}

    def command(self, *words, **more):
        return subprocess.run([os.environ["SHERD_BIN"], *words, "--store", self.store, "--dataset", self.dataset],
                              capture_output=True, text=True, check=False, env=self.env(**more))

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *words], capture_output=True,
                              text=True, check=False, env=self.env()).stdout

    def open(self, *words):
        self.tmux("new-session", "-d", "-x", "100", "-y", "40",
                  " ".join([os.environ["SHERD_BIN"], *words, "--store", self.store, "--dataset", self.dataset]))
        self.see("Question|Record|People")
        self.see("all sent|review")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys):
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.02)  # as fast as a person at most: nothing is waited for here

    def see(self, words, seconds=20):
        """Until one of the words (with | between) is on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(word in self.screen() for word in words.split("|")):
                return True
            time.sleep(0.05)
        print(f"# {self.name} never saw {words}:\n" + "".join(f"# {x}\n" for x in self.screen().splitlines()))
        return False

    def go(self, external_id):
        """To the record: its number is another one for each annotator of an old server."""
        lines = self.command("records", "--json").stdout.splitlines()
        place = next(i for i, x in enumerate(lines, 1) if json.loads(x)["external_id"] == external_id)
        self.keys(":", *str(place), "Enter")
        self.see(f"#{place} ")

    def close(self):
        self.tmux("kill-server")


def make_dataset(url, name, workspace, is_new):
    body = {"name": name, "workspace_id": workspace, "allow_extra_metadata": True}
    if is_new:
        body["distribution"] = {"strategy": "overlap", "min_submitted": 2}
    dataset = call(url, "/api/v1/datasets", OWNER, "POST", body)["id"]
    call(url, f"/api/v1/datasets/{dataset}/fields", OWNER, "POST",
         {"name": "text", "title": "Text", "required": True, "settings": {"type": "text"}})
    labels = [{"value": x, "text": x} for x in ("good", "bad", "odd")]
    questions = [("score", True, {"type": "rating", "options": [{"value": x} for x in range(1, 6)]}),
                 ("kind", False, {"type": "label_selection", "options": labels}),
                 ("kinds", False, {"type": "multi_label_selection", "options": labels}),
                 ("order", False, {"type": "ranking", "options": labels}),
                 ("parts", False, {"type": "span", "field": "text", "options": labels}),
                 ("why", False, {"type": "text"})]
    for question, required, settings in questions:
        call(url, f"/api/v1/datasets/{dataset}/questions", OWNER, "POST",
             {"name": question, "title": question, "required": required, "settings": settings})
    call(url, f"/api/v1/datasets/{dataset}/publish", OWNER, "PUT")
    call(url, f"/api/v1/datasets/{dataset}/records/bulk", OWNER, "PUT", {
        "items": [{"external_id": f"r{i:02}", "fields": {"text": f"Question {i}: 日本語 and more."},
                   "metadata": {"lang": "ja"}} for i in range(RECORDS)]})
    return dataset


def answers(url, dataset):
    """By external id and user: status and bare values."""
    found = call(url, f"/api/v1/datasets/{dataset}/records?limit=1000&include=responses", OWNER)["items"]
    return {record["external_id"]: {x["user_id"]: (x["status"], {q: v["value"] for q, v in (x["values"] or {}).items()})
                                    for x in record["responses"]} for record in found}


def wait_for(check, seconds=20):
    end = time.monotonic() + seconds
    while not check() and time.monotonic() < end:
        time.sleep(0.1)
    return check()


def annotators(url, dataset, ann, bob, ids):
    """Ann and Bob answer the first two on the screen, Ann two more; Bob every type by HTTP."""
    whole = {"score": 2, "kind": "bad", "kinds": ["good", "odd"], "why": "日本語 👩‍👩‍👧",
             "order": [{"value": "good", "rank": 1}, {"value": "bad", "rank": 1}, {"value": "odd", "rank": 3}],
             "parts": [{"label": "odd", "start": 12, "end": 15}]}
    records = call(url, f"/api/v1/datasets/{dataset}/records?limit=1000", OWNER)["items"]
    first = next(x["id"] for x in records if x["external_id"] == "r00")
    call(url, "/api/v1/me/responses/bulk", bob.key, "POST", {"items": [{
        "record_id": first, "status": "submitted", "values": {q: {"value": v} for q, v in whole.items()}}]})
    ann.command("sync")
    ann.open()
    ann.go("r00")
    ann.keys("C")
    ok(f"{url}: an annotator is told that no dataset can be created", ann.see("Creating a dataset needs the key"))
    ann.keys("i")
    ok(f"{url}: nor a record added", ann.see("Adding records needs the key"))
    time.sleep(2)  # what is typed behind a box that does not open runs nothing, until a pause
    ann.keys("T")
    ok(f"{url}: the page of people says the role", ann.see("an annotator on"))
    ok(f"{url}: and shows nobody else's answer", "Why: 日本語" not in ann.screen(), ann.screen())
    ann.keys("T")
    wanted = {"r00": 5, "r01": 4, "r02": 3}
    for record, rating in wanted.items():
        ann.go(record)
        ann.keys(str(rating), "Enter")
        ann.see("submitted and saved")
    ok(f"{url}: what Ann rated by keys is what the server has",
       wait_for(lambda: {x: answers(url, dataset)[x].get(ids["ann"], (0, {}))[1].get("score") for x in wanted} == wanted),
       answers(url, dataset))
    ann.close()
    told = ann.command("log", "--prompt", "x", "--response", "y")
    ok(f"{url}: a command says that an annotator cannot log", told.returncode == 3 and "annotator" in told.stderr,
       (told.returncode, told.stderr))
    return whole


def owner_decides(url, dataset, owner, ids, whole, is_new):
    owner.command("sync")
    owner.open()
    if is_new:
        ok(f"{url}: what has its two answers is not offered", owner.see("#2"), owner.screen())
        owner.keys("Home")
        ok(f"{url}: and says so", owner.see("has enough answers"))
    owner.go("r00")
    owner.keys("T")
    ok(f"{url}: others' answers are counted, not shown", owner.see("2 others have answered it"))
    ok(f"{url}: indeed not", "Why: 日本語" not in owner.screen(), owner.screen())
    ok(f"{url}: everybody is named with their progress", all(owner.see(x) for x in (ids["ann-name"], ids["bob-name"])))
    if is_new:
        progress = call(url, f"/api/v1/datasets/{dataset}/users/progress", OWNER)["users"]
        lines = owner.screen().splitlines()
        for person in progress:
            sums = [sum(person[part].get(x, 0) for part in ("completed", "pending"))
                    for x in ("submitted", "discarded", "draft")]
            line = next((x for x in lines if person["username"][:18] in x), "")
            ok(f"{url}: {person['username'][:10]}'s progress is the server's",
               [int(x) for x in line.split()[-5:-2] if x.isdigit()] == sums or
               all(str(x) in line for x in sums), (line, sums))
    owner.keys("c")
    ok(f"{url}: deciding shows them", owner.see("Why: 日本語"), owner.screen())
    digit = next(x.split()[0] for x in owner.screen().splitlines()
                 if x.strip()[:2] in ("1 ", "2 ") and ids["bob-name"][:12] in x)
    owner.keys(digit)
    owner.see("yours: draft")
    owner.keys("Enter")
    ok(f"{url}: one digit and Enter make Bob's answer the owner's, whole",
       wait_for(lambda: answers(url, dataset)["r00"].get(ids["owner"]) == ("submitted", whole)), answers(url, dataset)["r00"])
    owner.keys("u")
    owner.keys("u")
    ok(f"{url}: two undos take it from the server", wait_for(lambda: ids["owner"] not in answers(url, dataset)["r00"]),
       answers(url, dataset)["r00"])
    owner.keys("C-r")
    owner.keys("C-r")
    ok(f"{url}: and redo brings it", wait_for(lambda: answers(url, dataset)["r00"].get(ids["owner"]) == ("submitted", whole)))
    owner.keys("u")
    owner.keys("u")
    wait_for(lambda: "yours:" not in owner.screen())
    owner.keys("Tab")
    owner.keys(digit)
    ok(f"{url}: after Tab a digit takes the answer to one question",
       wait_for(lambda: answers(url, dataset)["r00"].get(ids["owner"]) == ("draft", {"score": whole["score"]})),
       (answers(url, dataset)["r00"], owner.screen()))
    owner.close()


def one_person_two_machines(url, dataset, ann, folder, ids):
    other = Person(url, "ann again", ann.key, folder, ann.dataset)
    for machine in (ann, other):
        machine.command("sync")
    record = json.loads(next(x for x in ann.command("records", "--json").stdout.splitlines()
                             if json.loads(x)["external_id"] == "r05"))["id"]
    there = json.loads(next(x for x in other.command("records", "--json").stdout.splitlines()
                            if json.loads(x)["external_id"] == "r05"))["id"]
    ann.command("rate", record, "1")
    told = other.command("rate", there, "5")  # it has not seen that
    has = answers(url, dataset)["r05"][ids["ann"]][1]["score"]
    ok(f"{url}: an answer of the other machine is not written over", has == 1, (has, told.stderr))
    waits = other.command("outbox")
    ok(f"{url}: both are kept, and it is said", "two versions" in (told.stderr + waits.stdout + waits.stderr).lower() or
       "--keep" in told.stderr + waits.stdout + waits.stderr, (told.stderr, waits.stdout, waits.stderr))
    other.command("sync", "--keep", "mine")
    ok(f"{url}: the one that is chosen is on the server",
       wait_for(lambda: answers(url, dataset)["r05"][ids["ann"]][1]["score"] == 5), answers(url, dataset)["r05"])


def times(url, dataset, owner, folder):
    timed = Person(url, "owner with times", owner.key, folder, owner.dataset)
    os.makedirs(os.path.join(timed.home, ".config/sherd"), exist_ok=True)
    with open(os.path.join(timed.home, ".config/sherd/config"), "w", encoding="utf-8") as config:
        config.write("[sherd]\nsend_times = yes\n")
    timed.command("sync")
    timed.open()
    timed.go("r07")
    time.sleep(0.5)
    timed.keys("4", "Enter")

    def metadata():
        found = call(url, f"/api/v1/datasets/{dataset}/records?limit=1000", OWNER)["items"]
        return next(x for x in found if x["external_id"] == "r07")["metadata"]
    ok(f"{url}: the times of an answer are on the server", wait_for(lambda: "answer-given-ms" in metadata()), metadata())
    ok(f"{url}: beside what was there", metadata().get("lang") == "ja", metadata())
    ok(f"{url}: and are what the store has", wait_for(lambda: True) and
       metadata().get("answer-given-ms", 0) - metadata().get("answer-shown-ms", 0) >= 500, metadata())
    timed.close()


def by_sdk(url, name, dataset):
    """Every answer as the argilla package of PyPI reads it."""
    code = """
import json, sys, argilla
client = argilla.Argilla(api_url=sys.argv[1], api_key=sys.argv[2])
dataset = client.datasets(sys.argv[3], workspace="argilla")
found = {}
for record in dataset.records(with_responses=True):
    for response in record.responses:
        found.setdefault(record.id, {}).setdefault(str(response.user_id), {})[response.question_name] = response.value
print(json.dumps(found, default=lambda x: x.__dict__))
"""
    ran = subprocess.run([os.environ["SHERD_LIVE_SDK"], "-c", code, url, OWNER, name], capture_output=True, text=True,
                         check=False)
    there = {x: {user: values for user, (_, values) in people.items() if values}
             for x, people in answers(url, dataset).items()}
    for people in there.values():
        for values in people.values():  # it tells the order of a ranking, not its ties
            if "order" in values:
                values["order"] = [x["value"] for x in values["order"]]
    there = {x: people for x, people in there.items() if people}
    told = json.loads(ran.stdout) if ran.returncode == 0 else ran.stderr
    ok(f"{url}: the argilla package reads the same answers", told == there, f"{told}\n{there}")


def made_anew(url, folder, workspace, is_new, key):
    """Records are deleted and made anew by their owner, one then for good."""
    name = f"anew-{uuid.uuid4().hex[:8]}"
    dataset = make_dataset(url, name, workspace, is_new)
    made.append((url, f"/api/v1/datasets/{dataset}"))
    ann, owner = Person(url, "ann", key, folder, name), Person(url, "owner", OWNER, folder, name)

    def delete(*names):
        records = call(url, f"/api/v1/datasets/{dataset}/records?limit=1000", OWNER)["items"]
        ids = ",".join(x["id"] for x in records if x["external_id"] in names)
        call(url, f"/api/v1/datasets/{dataset}/records?ids={ids}", OWNER, "DELETE")

    owner.command("sync")
    ann.command("sync")
    records = [json.loads(x) for x in ann.command("records", "--json").stdout.splitlines()]
    ann.command("rate", next(x["id"] for x in records if x["external_id"] == "r00"), "4")
    before = answers(url, dataset)["r00"]
    delete("r00", "r01")
    owner.command("sync")
    owner.command("sync", "--gone", "send")
    ann.command("sync")
    after = answers(url, dataset).get("r00")
    ok(f"{url}: a record that was made anew has Ann's answer", before and after == before, (before, after))
    delete("r00")
    ann.command("sync")
    said = ann.command("sync", "--gone", "send")
    ok(f"{url}: an annotator makes none anew", said.returncode == 3 and "annotator" in said.stderr, said.stderr)
    said = ann.command("sync", "--gone", "drop")
    ok(f"{url}: and drops what is gone", said.returncode == 0, said.stderr)


def check(url, folder):
    name = f"people-{uuid.uuid4().hex[:8]}"
    try:
        is_new = call(url, "/api/v1/version", OWNER)["version"][0] != "1"
    except urllib.error.HTTPError:
        is_new = False
    workspace = find_workspace(url)
    dataset = make_dataset(url, name, workspace, is_new)
    made.append((url, f"/api/v1/datasets/{dataset}"))
    users = {x: make_user(url, workspace, x) for x in ("ann", "bob")}
    me = call(url, "/api/v1/me", OWNER)
    ids = {"ann": users["ann"]["id"], "bob": users["bob"]["id"], "owner": me["id"],
           "ann-name": users["ann"]["username"], "bob-name": users["bob"]["username"]}
    ann, bob = (Person(url, x, users[x]["api_key"], folder, name) for x in ("ann", "bob"))
    owner = Person(url, "owner", OWNER, folder, name)
    try:
        whole = annotators(url, dataset, ann, bob, ids)
        owner_decides(url, dataset, owner, ids, whole, is_new)
        one_person_two_machines(url, dataset, ann, folder, ids)
        times(url, dataset, owner, folder)
        made_anew(url, folder, workspace, is_new, ann.key)
        if is_new and os.environ.get("SHERD_LIVE_SDK"):
            by_sdk(url, name, dataset)
    finally:
        for person in (ann, bob, owner):
            person.close()


run(check)
