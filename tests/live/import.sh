#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A dataset of every question type, made of a template on each real Argilla server, filled by
# import, and then put onto the other one out of the store alone: what a new store fetches
# from there is what was imported. Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL") and
# SHERD_LIVE_ARGILLA_KEY (an owner's). Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
cd "$dir" || exit 1
cat >template.json <<'END'
{"guidelines":"# Read","fields":[{"name":"text","type":"text","required":true}],"questions":[
{"name":"score","required":true,"type":"rating","options":[0,5,10]},{"name":"why","type":"text"},
{"name":"one","type":"label_selection","options":["a","b"]},{"name":"some","type":"multi_label_selection","options":["a","b","c"]},
{"name":"order","type":"ranking","options":["a","b"]},{"name":"parts","type":"span","field":"text","allow_overlapping":true,"options":["x"]}],
"metadata_properties":[{"name":"lang","type":"terms","values":["ja","de"]},{"name":"n","type":"integer","min":0,"max":9}],
"distribution":{"min_submitted":2}}
END
cat >in.jsonl <<'END'
{"id":"first","fields":{"text":"日本 👩‍👩‍👧 e\u0301."},"metadata":{"lang":"ja","n":5},"suggestions":{"score":{"value":10,"score":0.25,"agent":"judge","type":"model"},"some":{"value":["b","a"],"agent":"m"},"parts":{"value":[{"start":0,"end":2,"label":"x"}]}},"status":"submitted","values":{"score":{"value":0},"why":{"value":"\"so\",\nand so"},"one":{"value":"b"},"some":{"value":["a"]},"order":{"value":[{"value":"a","rank":1},{"value":"b","rank":1}]},"parts":{"value":[{"start":3,"end":8,"label":"x"}]}}}
{"id":"second","text":"zwei","lang":"de","score":5}
{"id":"third","text":"drei","status":"draft","why":"hm"}
{"id":"fourth","text":"vier","status":"discarded"}
END
# what_counts FILE: the members that a server keeps, in one order
what_counts() {
    python3 -c '
import json, sys
for line in sorted(sys.stdin, key=lambda one: json.loads(one)["external_id"]):
    record = json.loads(line)
    print(json.dumps([record[key] for key in ("external_id", "fields", "metadata", "suggestions", "status", "values")], sort_keys=True))' <"$1"
}
fetch() { # URL DATASET: as a new store has it
    rm -f new.db*
    "$sherd" --store new.db --server "$1" sync --dataset "$2" >/dev/null 2>&1 &&
        "$sherd" --store new.db --server "$1" export "$2" 2>/dev/null >fetched.jsonl && what_counts fetched.jsonl
}
"$sherd" --local --store local.db dataset create all --from template.json >/dev/null 2>&1
"$sherd" --local --store local.db import in.jsonl --dataset all >/dev/null 2>&1
"$sherd" --local --store local.db export all >imported.jsonl 2>/dev/null
wanted=$(what_counts imported.jsonl)
is "the store has four records" "$(wc -l <imported.jsonl)" 4
name_dataset import
name=$made
for url in $SHERD_LIVE_ARGILLA; do
    "$sherd" --store here.db --server "$url" dataset create "$name" --from template.json >/dev/null 2>&1
    "$sherd" --store here.db --server "$url" import in.jsonl --dataset "$name" >/dev/null 2>&1
    is "$url has what was imported" "$(fetch "$url" "$name")" "$wanted"
    for other in $SHERD_LIVE_ARGILLA; do
        [ "$other" != "$url" ] || continue
        "$sherd" --store here.db --server "$other" dataset clone "$name@$url" "$name-clone" --answers >/dev/null 2>&1
        "$sherd" --store here.db --server "$other" sync --dataset "$name-clone" >/dev/null 2>&1
        is "$other has all of it, out of the store" "$(fetch "$other" "$name-clone")" "$wanted"
        "$sherd" --store here.db --server "$other" dataset create "$name-moved" --from template.json >/dev/null 2>&1
        "$sherd" --store here.db --server "$other" dataset move "$name@$url" "$name-moved@$other" >/dev/null 2>&1
        "$sherd" --store here.db --server "$other" sync --dataset "$name-moved" >/dev/null 2>&1
        is "$other has all that was moved" "$(fetch "$other" "$name-moved")" "$wanted"
    done
done
tap_end
