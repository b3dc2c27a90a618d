#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The main job on real servers, driven through the terminal's keys and checked on the server by plain
# HTTP. Needs SHERD_LIVE_ARGILLA ("URL URL"), SHERD_LIVE_ARGILLA_KEY (an owner's); SHERD_LIVE_MODEL (a
# base URL; the built-in endpoint otherwise), SHERD_LIVE_LANGCHAIN (a python with argilla 1.x and
# langchain-community; left out otherwise). Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
# All records with all responses, oldest first, as one line a record: prompt | response | status | rating | feedback
records_on() { # URL DATASET_ID
    api GET "$1/api/v1/datasets/$2/records?limit=1000&include=responses" | python3 -c '
import json, sys
for r in sorted(json.load(sys.stdin)["items"], key=lambda r: r["inserted_at"]):
    answers = r.get("responses") or [{}]
    for a in answers:
        v = a.get("values") or {}
        print(" | ".join(str(x).replace("\n", " ") for x in (
            r["fields"].get("prompt"), r["fields"].get("response"), a.get("status", "pending"),
            v.get("response-rating", {}).get("value"), v.get("response-feedback", {}).get("value"))))'
}
# At most 20 s. Called through ok.
# shellcheck disable=SC2317
server_shows() { # PATTERN URL DATASET_ID
    local deadline=$((SECONDS + 20))
    until records_on "$2" "$3" | grep -Eq -- "$1"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "the server never showed: $1"
            records_on "$2" "$3"
            screen_text
            return 1
        fi
    done
}

if [ -n "${SHERD_LIVE_MODEL:-}" ]; then
    model_url=$SHERD_LIVE_MODEL
    concurrency=1 # llama-cpp-python ends the running answer when another request comes
    model_name=$(curl -fsS "$model_url/models" | json "d['data'][0]['id']")
else
    "$(dirname "$sherd")/tests/serve_demo" >"$screen_dir/model-url" 2>/dev/null &
    until [ -s "$screen_dir/model-url" ]; do nap 0.05; done
    model_url=$(head -1 "$screen_dir/model-url")
    model_name=demo
    concurrency=2
fi

main_job() { # URL
    local url=$1 name id version
    version=$(api GET "$url/api/v1/version" | json "d['version']")
    name_dataset live
    name=$made
    local common=(--server "$url" --workspace "$workspace" --dataset "$name" --store "$screen_dir/$name.db")
    local model=(--endpoint "$model_url" --model "$model_name" --temperature 0)

    ok "$version: a missing dataset is named, exit 1" bash -c \
        "! '$sherd' dataset show '$name' --server '$url' --workspace '$workspace' --store '$screen_dir/x.db'"
    ok "$version: dataset create" "$sherd" dataset create "$name" --server "$url" --workspace "$workspace" \
        --store "$screen_dir/$name.db"
    id=$(dataset_id "$url" "$name")
    is "$version: the fields are the guide's" \
        "$(api GET "$url/api/v1/datasets/$id/fields" | json "[(x['name'], x['required']) for x in d['items']]")" \
        "[('prompt', True), ('response', True)]"
    is "$version: the questions are the guide's" \
        "$(api GET "$url/api/v1/datasets/$id/questions" | json "[(x['name'], x['settings']['type'], x['required']) for x in d['items']]")" \
        "[('response-rating', 'rating', True), ('response-feedback', 'text', False)]"
    is "$version: it is published" "$(api GET "$url/api/v1/datasets/$id" | json "d['status']")" ready

    screen_start 100 30 env "ARGILLA_API_KEY=$ARGILLA_API_KEY" "$sherd" "${common[@]}" "${model[@]}" --max-tokens 40 --temperature 0 # no empty answer by chance
    ok "$version: the screen opens" screen_wait "$name"
    screen_keys i
    screen_type 'Tell me a joke about clay'
    screen_keys Enter
    ok "$version: the prompt becomes a record" screen_wait 'Prompt #1 '
    ok "$version: its answer ends" screen_wait_gone '1 streaming' 120 # a busy machine writes a word in two seconds
    ok "$version: the pair is logged then" server_shows '^Tell me a joke about clay \| .+ \| pending' "$url" "$id"
    screen_keys 4
    screen_keys f
    screen_type 'Made me smile: déjà vu 漢字'
    screen_keys Escape
    ok "$version: the draft reaches the server" server_shows '\| draft \| 4 \| Made me smile: déjà vu 漢字' "$url" "$id"
    screen_keys Enter
    ok "$version: Enter submits" server_shows '\| submitted \| 4 \| Made me smile: déjà vu 漢字' "$url" "$id"
    screen_keys u
    ok "$version: undo makes it a draft again" server_shows '\| draft \| 4 \|' "$url" "$id"
    screen_keys u u u
    ok "$version: more undo makes it pending again" server_shows '\| pending \| None' "$url" "$id"
    screen_keys C-r C-r C-r C-r
    ok "$version: redo submits it again" server_shows '\| submitted \| 4 \| Made me smile' "$url" "$id"
    screen_keys i
    screen_type 'Tell me a poem'
    screen_keys Enter
    screen_wait 'Prompt #2 ' && screen_wait_gone '1 streaming' 120
    ok "$version: a second record" server_shows '^Tell me a poem \| ' "$url" "$id"
    screen_keys d
    ok "$version: discard" server_shows '^Tell me a poem \| .* \| discarded' "$url" "$id"
    screen_keys q
    ok "$version: quit" screen_wait '\[exit 0\]'
    screen_stop
    is "$version: nothing is left to send" "$("$sherd" outbox "${common[@]}" --json)" ""
    local facts
    facts=$(api GET "$url/api/v1/datasets/$id/records?limit=10" | json "sorted(d['items'][0]['metadata'])")
    has "$version: the record's metadata has the run's facts" "$facts" 'completion_tokens|finish_reason'
    has "$version: and the times" "$facts" 'time_to_first_token_ms.*total_time_ms'

    # the guide's first way: ["Tell me a joke", "Tell me a poem"] * 3
    printf 'Tell me a joke\nTell me a poem\n' >"$screen_dir/prompts"
    ok "$version: run --repeat 3" "$sherd" run "$screen_dir/prompts" --repeat 3 --concurrency $concurrency "${common[@]}" "${model[@]}" --max-tokens 16
    is "$version: six more records" "$(records_on "$url" "$id" | wc -l)" 8
    ok "$version: run again" "$sherd" run "$screen_dir/prompts" --repeat 3 --concurrency $concurrency "${common[@]}" "${model[@]}" --max-tokens 16
    is "$version: repeats nothing" "$(records_on "$url" "$id" | wc -l)" 8
    local record
    record=$("$sherd" records "${common[@]}" --status pending --json | head -1 | json "d['id']")
    ok "$version: sherd rate" "$sherd" rate "${record:0:8}" 2 --feedback 'by hand' "${common[@]}"
    ok "$version: it is there" server_shows '\| submitted \| 2 \| by hand' "$url" "$id"
    ok "$version: sherd undo" "$sherd" undo "${common[@]}"
    lacks "$version: it is gone" "$(records_on "$url" "$id")" 'by hand'

    # another machine: an empty store on the same dataset
    local other=(--server "$url" --workspace "$workspace" --dataset "$name" --store "$screen_dir/other.db")
    ok "$version: another store pulls the dataset" "$sherd" sync "${other[@]}"
    is "$version: with every record" "$("$sherd" records "${other[@]}" --json | wc -l)" 8
    is "$version: and my answers" "$("$sherd" records "${other[@]}" --status submitted --json | wc -l)" 1
    rm -f "$screen_dir"/other.db*

    # errors, one sentence each
    local said code
    said=$(ARGILLA_API_KEY=wrong "$sherd" sync "${other[@]}" 2>&1)
    code=$?
    is "$version: a wrong key is exit 3" "$code" 3
    has "$version: and a sentence" "$said" '[Kk]ey'
    rm -f "$screen_dir"/other.db*
    said=$("$sherd" dataset show nothing --server "$url" --workspace no-such-workspace --store "$screen_dir/x.db" 2>&1)
    has "$version: an unknown workspace is named, with those there are" "$said" "no-such-workspace.*$workspace|$workspace.*no-such-workspace"

    # a dataset that is not the guide's
    other_dataset "$url" "$version"
    if [ -n "${SHERD_LIVE_LANGCHAIN:-}" ] && [ "${version%%.*}" = 1 ]; then
        langchain "$url" "$version" "$name" "$id"
    fi
}

other_dataset() { # URL VERSION
    local url=$1 version=$2 name id workspace_id
    name_dataset live-other
    name=$made
    workspace_id=$(api GET "$url/api/v1/me/workspaces" | json "next(x['id'] for x in d['items'] if x['name'] == '$workspace')")
    id=$(api POST "$url/api/v1/datasets" "{\"name\":\"$name\",\"workspace_id\":\"$workspace_id\"}" | json "d['id']")
    api POST "$url/api/v1/datasets/$id/fields" '{"name":"text","title":"Text","required":true,"settings":{"type":"text"}}' >/dev/null
    api POST "$url/api/v1/datasets/$id/questions" '{"name":"mood","title":"Mood","required":true,"settings":{"type":"label_selection","options":[{"value":"good","text":"Good"},{"value":"bad","text":"Bad"}]}}' >/dev/null
    api PUT "$url/api/v1/datasets/$id/publish" >/dev/null
    api PUT "$url/api/v1/datasets/$id/records/bulk" '{"items":[{"fields":{"text":"The kiln is warm."}},{"fields":{"text":"The pot broke."}}]}' >/dev/null
    screen_start 80 24 env "ARGILLA_API_KEY=$ARGILLA_API_KEY" "$sherd" --server "$url" --workspace "$workspace" --dataset "$name" --store "$screen_dir/$name.db"
    ok "$version: any other dataset opens" screen_wait 'The kiln is warm'
    ok "$version: with its question" screen_wait 'Mood'
    screen_keys 2
    screen_keys Enter
    local deadline=$((SECONDS + 20)) got=
    until [ "$got" = "['bad']" ] || [ $SECONDS -ge $deadline ]; do
        got=$(api GET "$url/api/v1/datasets/$id/records?include=responses" | json "[a['values']['mood']['value'] for r in d['items'] for a in r['responses'] if a['status'] == 'submitted']")
    done
    is "$version: a digit chooses its label, Enter submits it" "$got" "['bad']"
    screen_keys q
    screen_stop
}

langchain() { # URL VERSION NAME ID: LangChain's own handler, both ways
    local url=$1 version=$2 name=$3 id=$4 theirs
    ok "$version: LangChain's handler fills a dataset that sherd made" \
        "$SHERD_LIVE_LANGCHAIN" "$here/live/langchain_handler.py" "$url" "$ARGILLA_API_KEY" fill "$name"
    is "$version: its two pairs are there" "$(records_on "$url" "$id" | wc -l)" 10
    name_dataset handler
    theirs=$made
    ok "$version: the handler makes a dataset" \
        "$SHERD_LIVE_LANGCHAIN" "$here/live/langchain_handler.py" "$url" "$ARGILLA_API_KEY" make "$theirs"
    screen_start 80 24 env "ARGILLA_API_KEY=$ARGILLA_API_KEY" "$sherd" --server "$url" --workspace argilla --dataset "$theirs" --store "$screen_dir/$theirs.db"
    ok "$version: sherd opens it as it is" screen_wait "A handler's joke"
    screen_keys 5
    screen_keys Enter
    local their_id
    their_id=$(dataset_id "$url" "$theirs")
    ok "$version: and rates it" server_shows "A handler's joke. \| submitted \| 5" "$url" "$their_id"
    screen_keys q
    screen_stop
}

for url in $SHERD_LIVE_ARGILLA; do main_job "$url"; done
tap_end
