#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Many records of each real Argilla server get two answers in one go on the screen, taken back, made
# again, taken back after a restart, and half of them deleted; each time what the server has is
# counted by plain HTTP, and the requests that it took. Needs SHERD_BIN, SHERD_LIVE_ARGILLA
# ("URL URL") and SHERD_LIVE_ARGILLA_KEY (an owner's). SHERD_LIVE_BULK: how many, default 120: two
# requests; 1,100 took 12 minutes on Argilla 2.8 and 7 on 1.29, two cores and other work beside it.
# Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
count=${SHERD_LIVE_BULK:-120} half=$((count / 2))
cd "$dir" || exit 1
python3 -c 'import sys
for number in range(int(sys.argv[1])):
    print("{\"id\": \"n%d\", \"prompt\": \"Question %d\", \"response\": \"Answer %d.\"}" % (number, number, number))' "$count" >in.jsonl
# on_server URL NAME: "RECORDS SUBMITTED RATED-4-WITH-THE-REMARK" as the server's pages have them
on_server() {
    python3 - "$1" "$2" "$ARGILLA_API_KEY" <<'END'
import json, sys, urllib.request
url, name, key = sys.argv[1:]
def get(path):
    request = urllib.request.Request(url + path, headers={"X-Argilla-Api-Key": key})
    return json.load(urllib.request.urlopen(request, timeout=60))
dataset = next((d["id"] for d in get("/api/v1/me/datasets")["items"] if d["name"] == name), None)
records, at = 0, 0
submitted = rated = 0
while dataset:
    items = get(f"/api/v1/datasets/{dataset}/records?offset={at}&limit=500&include=responses")["items"]
    if not items:
        break
    at += len(items)
    for record in items:
        records += 1
        for response in record.get("responses") or []:
            submitted += response["status"] == "submitted"
            values = response.get("values") or {}
            answers = [values.get(f"response-{what}", {}).get("value") for what in ("rating", "feedback")]
            rated += answers == [4, "same remark"]
print(records, submitted, rated)
END
}
# soon TEXT URL NAME WANTED: the server has it within ten minutes
soon() {
    local deadline=$((SECONDS + 600)) now
    until now=$(on_server "$2" "$3") && [ "$now" = "$4" ]; do
        [ $SECONDS -lt $deadline ] || break
        nap 1
    done
    is "$1" "$now" "$4"
}
asked() { grep -c "^$1" requests; } # METHOD-AND-PATH
start() { # URL NAME
    screen_start 100 30 "'$sherd' --store '$dir/store.db' --server '$1' review '$2'"
    screen_wait "of .* done" 60
}

for url in $SHERD_LIVE_ARGILLA; do
    name_dataset bulk
    name=$made
    rm -f store.db* requests proxy-url
    python3 "$here/bench/record_proxy.py" "$url" "$dir" >proxy-url 2>/dev/null &
    proxy_pid=$!
    until [ -s proxy-url ]; do nap 0.05; done
    proxy=$(cat proxy-url)
    "$sherd" --store store.db --server "$proxy" dataset create "$name" >/dev/null 2>&1
    "$sherd" --store store.db --server "$proxy" import in.jsonl --dataset "$name" >/dev/null 2>&1
    "$sherd" --store store.db --server "$proxy" sync --dataset "$name" >/dev/null 2>&1
    is "$url has $count records" "$(on_server "$url" "$name")" "$count 0 0"
    start "$proxy" "$name"
    screen_wait 'all sent' 600
    rm -f requests
    screen_type ':bulk response-rating=4 response-feedback="same remark" submit'
    screen_keys Enter
    screen_wait "Give and submit Rating 4, Feedback .same remark. for $count records\\?" 30
    screen_keys y
    screen_wait 'given Rating 4, Feedback “same remark”, submitted and saved' 60
    soon "$url: all are submitted" "$url" "$name" "$count $count $count"
    posts=$(asked 'POST /api/v1/me/responses/bulk')
    # one that is slow just now gets smaller ones, of about ten seconds each
    ok "$url: in $posts requests" test "$posts" -le $((count / 15 + 4))
    screen_wait 'all sent' 600
    screen_keys u
    screen_wait "Undid submit of $count records" 60
    soon "$url: all are pending again" "$url" "$name" "$count 0 0"
    screen_wait 'all sent' 600
    screen_keys C-r
    screen_wait "Redid submit of $count records" 60
    soon "$url: all are submitted again" "$url" "$name" "$count $count $count"
    screen_wait 'all sent' 600
    screen_keys q
    screen_wait '\[exit 0\]'
    start "$proxy" "$name"
    screen_wait 'all sent' 600
    screen_keys u
    screen_wait "Undid submit of $count records" 60
    soon "$url: a restart later they are taken back" "$url" "$name" "$count 0 0"
    screen_wait 'all sent' 600
    rm -f requests
    screen_type ":mark 1-$half"
    screen_keys Enter
    screen_wait "$half marked"
    screen_type ':bulk delete'
    screen_keys Enter
    screen_wait "Delete $half marked records\?" 30
    screen_keys y
    screen_wait "$half records deleted" 60
    screen_wait "$half to delete" 30
    is "$url: nothing is deleted yet" "$(on_server "$url" "$name")" "$count 0 0"
    screen_keys u
    screen_wait "Undid delete of $half records" 60
    screen_keys C-r
    screen_wait "Redid delete of $half records" 60
    screen_keys S
    soon "$url: half of them are deleted" "$url" "$name" "$((count - half)) 0 0"
    is "$url: in as few requests" "$(asked 'DELETE /api/v1/datasets')" $(((half + 99) / 100))
    screen_wait 'all sent' 600
    screen_keys q
    screen_wait '\[exit 0\]'
    rm -f other.db*
    "$sherd" --store other.db --server "$url" sync --dataset "$name" >/dev/null 2>&1
    is "$url: another store has the others" "$("$sherd" --store other.db --server "$url" export "$name" 2>/dev/null | wc -l)" $((count - half))
    kill "$proxy_pid"
    delete_datasets
done
tap_end
