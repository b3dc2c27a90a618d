#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Suggestions for every question type, made over plain HTTP on each real server, answered through the
# terminal's keys in each of the three settings, and what was sent read back over plain HTTP. Needs
# SHERD_LIVE_ARGILLA ("URL URL") and SHERD_LIVE_ARGILLA_KEY (an owner's). Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
cat >"$screen_dir/template.json" <<'END'
{"guidelines":"Rate.","fields":[{"name":"text","type":"text","required":true}],"questions":[
{"name":"score","required":true,"type":"rating","options":[1,2,3,4,5]},{"name":"why","type":"text"},
{"name":"one","type":"label_selection","options":["a","b"]},{"name":"some","type":"multi_label_selection","options":["a","b","c"]},
{"name":"order","type":"ranking","options":["a","b"]},{"name":"parts","type":"span","field":"text","options":["x"]}]}
END
suggest() { # URL ID: five records, everything suggested for each
    local questions
    questions=$(api GET "$1/api/v1/datasets/$2/questions")
    api POST "$1/api/v1/datasets/$2/records/bulk" "$(python3 -c '
import json, sys
ids = {q["name"]: q["id"] for q in json.load(sys.stdin)["items"]}
values = {"score": 4, "why": "Kind, \u65e5\u672c.", "one": "b", "some": ["c", "a"],
          "order": [{"value": "b", "rank": 1}, {"value": "a", "rank": 2}], "parts": [{"start": 0, "end": 3, "label": "x"}]}
scores = {"some": [0.75, 0.5], "order": [0.5, 0.25], "parts": [0.25]}
print(json.dumps({"items": [{"fields": {"text": "Text %d" % i}, "external_id": "s%d" % i, "suggestions": [
    {"question_id": ids[n], "value": v, "agent": "judge", "score": scores.get(n, 0.5)} for n, v in values.items()]}
    for i in range(1, 6)]}))' <<<"$questions")" >/dev/null
}
# The responses on the server, one a line.
on_server() { # URL ID
    api GET "$1/api/v1/datasets/$2/records?limit=100&include=responses" | python3 -c '
import json, sys
for r in sorted(json.load(sys.stdin)["items"], key=lambda r: r["external_id"]):
    for a in r.get("responses") or [{"status": "none"}]:
        print(r["external_id"], a["status"], json.dumps({n: v["value"] for n, v in sorted((a.get("values") or {}).items())}, ensure_ascii=False, sort_keys=True))'
}
# shellcheck disable=SC2317
shows() { # PATTERN URL ID: at most 20 s
    local deadline=$((SECONDS + 20))
    until on_server "$2" "$3" | grep -Fq -- "$1"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "the server never showed: $1"
            on_server "$2" "$3"
            screen_text
            return 1
        fi
    done
}
open_screen() { # the settings line
    printf '[sherd]\n%s\n' "$1" >"$screen_dir/config"
    screen_start 120 40 env "ARGILLA_API_KEY=$ARGILLA_API_KEY" "$sherd" --config "$screen_dir/config" "${common[@]}"
}
all='{"one": "b", "order": [{"rank": 1, "value": "b"}, {"rank": 2, "value": "a"}], "parts": [{"end": 3, "label": "x", "start": 0}], "score": 4, "some": ["c", "a"], "why": "Kind, 日本."}'
for url in $SHERD_LIVE_ARGILLA; do
    version=$(api GET "$url/api/v1/version" | json "d['version']")
    name_dataset suggest
    name=$made
    common=(--server "$url" --dataset "$name" --store "$screen_dir/$name.db")
    "$sherd" --server "$url" --store "$screen_dir/$name.db" dataset create "$name" --from "$screen_dir/template.json" >/dev/null 2>&1
    id=$(dataset_id "$url" "$name")
    suggest "$url" "$id"
    open_screen 'suggestions = start'
    ok "$version: the score starts from what is suggested" screen_wait '\(4\).*suggested · judge 0\.50'
    ok "$version: several labels have a score each" screen_wait 'suggested: c 0\.75, a 0\.50 · judge'
    is "$version: a look answers nothing" "$(on_server "$url" "$id" | grep -c none)" 5
    screen_keys Enter
    ok "$version: Enter takes all, exactly" shows "s1 submitted $all" "$url" "$id"
    screen_keys 2 Enter
    ok "$version: another score in its place, the rest as suggested" shows \
        "s2 submitted ${all/\"score\": 4/\"score\": 2}" "$url" "$id"
    screen_keys d
    ok "$version: a discard takes nothing" shows "s3 discarded {}" "$url" "$id"
    screen_keys u
    ok "$version: undo of a discard" shows 's3 none' "$url" "$id"
    screen_keys u
    ok "$version: undo of a submit opens the record there too" shows 's2 draft' "$url" "$id"
    screen_keys u
    ok "$version: and takes the draft away" shows 's2 none' "$url" "$id"
    screen_keys q
    screen_wait '\[exit 0\]' >/dev/null
    open_screen 'suggestions = show'
    ok "$version: shown only" screen_wait 'suggested 4 · judge 0\.50'
    screen_keys '!' A
    ok "$version: fast, one key takes all and submits" shows "s2 submitted $all" "$url" "$id"
    screen_keys q
    screen_wait '\[exit 0\]' >/dev/null
    open_screen 'suggestions = hidden'
    ok "$version: the third record opens" screen_wait 'Text 3'
    ok "$version: hidden" bash -c "! grep -q judge" <<<"$(screen_text)"
    screen_keys 3 Enter
    ok "$version: only one's own is sent" shows 's3 submitted {"score": 3}' "$url" "$id"
    screen_keys h
    ok "$version: then both are seen" screen_wait '\[3\].*suggested 4 · judge'
    screen_keys q
    screen_wait '\[exit 0\]' >/dev/null
    # a suggestion alone changes, of a record that is neither answered nor the newest: no time tells it
    record=$(api GET "$url/api/v1/datasets/$id/records?limit=100" | json "next(r['id'] for r in d['items'] if r['external_id'] == 's4')")
    question=$(api GET "$url/api/v1/datasets/$id/questions" | json "next(q['id'] for q in d['items'] if q['name'] == 'score')")
    api PUT "$url/api/v1/records/$record/suggestions" "{\"question_id\":\"$question\",\"value\":1,\"agent\":\"judge\",\"score\":0.5}" >/dev/null
    open_screen 'suggestions = show'
    ok "$version: a suggestion that alone was changed is seen by the next start" screen_wait 'suggested 1 · judge 0\.50'
    screen_keys q
    screen_wait '\[exit 0\]' >/dev/null
    delete_datasets
done
tap_end
