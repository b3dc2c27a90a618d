#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A dataset with every type of question on each real Argilla server, answered through the
# terminal's keys; each value is compared with what plain HTTP says, spans as Python slices
# of the text, and on 2.x with what Argilla's own SDK says where SHERD_LIVE_SDK names a python
# that has it. Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL") and SHERD_LIVE_ARGILLA_KEY (an
# owner's). Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
# Every answer, one a line: values with their spans as the text that they mark.
cat >"$screen_dir/answers.py" <<'END'
import json, sys
for record in sorted(json.load(sys.stdin)["items"], key=lambda one: one["external_id"]):
    for answer in record.get("responses") or []:
        values = {name: one["value"] for name, one in answer["values"].items()}
        text = record["fields"]["text"]
        values["parts"] = [[one["label"], text[one["start"]:one["end"]]] for one in values.get("parts", [])]
        print(record["external_id"], answer["status"], json.dumps(values, sort_keys=True, ensure_ascii=False))
END
# shellcheck disable=SC2317
answers() { # URL DATASET_ID
    api GET "$1/api/v1/datasets/$2/records?limit=100&include=responses" | python3 "$screen_dir/answers.py"
}
# Each key for itself: several that come at once are taken for a paste.
press() {
    local key
    for key in "$@"; do
        screen_keys "$key"
        nap 0.05
    done
}
# At most 20 s. Called through ok.
# shellcheck disable=SC2317
server_has() { # LINE URL DATASET_ID
    local deadline=$((SECONDS + 20))
    until answers "$2" "$3" | grep -Fxq -- "$1"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "the server never had: $1"
            answers "$2" "$3"
            screen_text
            return 1
        fi
    done
}
# What the server says of the first record's answer with the text's end as this many more than
# its code points, and the offsets that it keeps.
end_behind() { # MORE URL DATASET_ID
    api GET "$2/api/v1/datasets/$3/records?limit=100&include=responses" | python3 -c '
import json, sys
record = next(one for one in json.load(sys.stdin)["items"] if one["external_id"] == "1")
answer, text = record["responses"][0], record["fields"]["text"]
print([[one["start"], one["end"]] for one in answer["values"]["parts"]["value"]], file=sys.stderr)
answer["values"]["parts"] = {"value": [{"label": "place", "start": 24, "end": len(text) + int(sys.argv[1])}]}
print(answer["id"], json.dumps({"status": answer["status"], "values": answer["values"]}))' "$1" 2>"$screen_dir/offsets" >"$screen_dir/end"
    read -r answer body <"$screen_dir/end"
    curl -sS -o /dev/null -w '%{http_code}\n' -X PUT -H @"$header" -H 'Content-Type: application/json' -d "$body" \
        "$2/api/v1/responses/$answer"
}

cat >"$screen_dir/template.json" <<'END'
{"fields":[{"name":"text","type":"text","required":true}],"questions":[
{"name":"score","required":true,"type":"rating","options":[0,1,2,3,4,5,6,7,8,9,10]},
{"name":"why","type":"text"},
{"name":"tone","type":"label_selection","options":["warm","neutral","cold"]},
{"name":"faults","type":"multi_label_selection","options":["long","wrong","rude","dull","a","b","c","d","e","f","g","last one"]},
{"name":"order","type":"ranking","options":["x","y","z"]},
{"name":"parts","required":true,"type":"span","field":"text","options":["person","place"]}]}
END
cat >"$screen_dir/in.jsonl" <<'END'
{"id":"1","fields":{"text":"👨‍👩‍👧 Ana Botín went to 東京だ."}}
{"id":"2","fields":{"text":"山田さんは🎉🎉東京タワーに行った。か\u3099 e\u0301t\u0301e\u0301 end"}}
{"id":"3","fields":{"text":"Nothing to mark."}}
END

all_types() { # URL
    local name version id url=$1
    version=$(api GET "$url/api/v1/version" | json "d['version']")
    name_dataset span-live
    name=$made
    local common=(--server "$url" --workspace "$workspace" --dataset "$name" --store "$screen_dir/$name.db")
    "$sherd" dataset create "$name" --from "$screen_dir/template.json" --server "$url" --workspace "$workspace" \
        --store "$screen_dir/$name.db" >/dev/null 2>&1
    "$sherd" import "$screen_dir/in.jsonl" "${common[@]}" >/dev/null 2>&1
    id=$(dataset_id "$url" "$name")
    screen_start 100 30 env "ARGILLA_API_KEY=$ARGILLA_API_KEY" "$sherd" "${common[@]}"
    ok "$version: the first text is shown" screen_wait 'Ana Botín went'

    press 1 0 # ten; on to the tone
    ok "$version: ten is one rating" screen_wait '\[10\]'
    press 2 p # neutral; the list of faults
    ok "$version: the options are listed" screen_wait '0 of 12 chosen'
    screen_type 'last'
    press Enter
    screen_type 'long'
    press Enter Tab p # the ranking
    ok "$version: the ranking is listed" screen_wait '0 of 3 chosen'
    press Space Space Space K =
    press Tab
    ok "$version: the text is open for spans" screen_wait '1 person'
    press Right Space Right 1 Right Right Right 2
    ok "$version: both spans stand in the text" screen_wait '\[Ana Botín\|person\] went to \[東京\|place\]だ'
    press Escape f
    screen_type 'déjà vu'
    press Escape
    ok "$version: the remark is there" screen_wait 'déjà vu'
    press Enter
    ok "$version: every value of the first is on the server" server_has \
        '1 submitted {"faults": ["long", "last one"], "order": [{"rank": 1, "value": "x"}, {"rank": 2, "value": "y"}, {"rank": 1, "value": "z"}], "parts": [["person", "Ana Botín"], ["place", "東京"]], "score": 10, "tone": "neutral", "why": "déjà vu"}' "$url" "$id"

    is "$version: the server takes no end that counts an emoji twice" "$(end_behind 1 "$url" "$id")" 422
    is "$version: it keeps code points" "$(cat "$screen_dir/offsets")" '[[6, 15], [24, 26]]'

    ok "$version: the second text is shown" screen_wait '山田さん'
    press 0 p
    ok "$version: the tones are listed" screen_wait '0 of 3 chosen'
    press Escape Tab Tab Tab
    ok "$version: its text is open" screen_wait '1 person'
    press 1 Right Right Right Space Right Right 2 End H Left Left H 1
    press Escape Enter
    ok "$version: spans behind emoji and of combined letters are exact" server_has \
        $'2 submitted {"parts": [["person", "山田"], ["place", "🎉東京タワー"], ["person", "e\u0301"]], "score": 0}' "$url" "$id"

    ok "$version: the third text is shown" screen_wait 'Nothing to mark'
    press 7 Enter
    ok "$version: no spans are an answer" server_has '3 submitted {"parts": [], "score": 7}' "$url" "$id"
    press u
    ok "$version: undo makes a draft of it" server_has '3 draft {"parts": [], "score": 7}' "$url" "$id"
    press Enter
    ok "$version: and it is submitted again" server_has '3 submitted {"parts": [], "score": 7}' "$url" "$id"
    press q
    "$sherd" rate 3 8 --answer why=日本 --answer tone=cold --answer 'faults=long,last one' --answer 'order=z,x=y' \
        --answer parts=person:0-7,place:11-15 "${common[@]}" >/dev/null 2>&1
    ok "$version: answers of every type are given without a screen" server_has \
        '3 submitted {"faults": ["long", "last one"], "order": [{"rank": 1, "value": "z"}, {"rank": 2, "value": "x"}, {"rank": 2, "value": "y"}], "parts": [["person", "Nothing"], ["place", "mark"]], "score": 8, "tone": "cold", "why": "日本"}' "$url" "$id"
    "$sherd" undo "${common[@]}" >/dev/null 2>&1
    ok "$version: and taken back" server_has '3 submitted {"parts": [], "score": 7}' "$url" "$id"
    if [ -n "${SHERD_LIVE_SDK:-}" ] && [ "${version%%.*}" -ge 2 ]; then
        is "$version: the SDK has the same spans" "$("$SHERD_LIVE_SDK" - "$url" "$ARGILLA_API_KEY" "$name" "$workspace" <<'END'
import sys
import argilla
client = argilla.Argilla(api_url=sys.argv[1], api_key=sys.argv[2])
dataset = client.datasets(name=sys.argv[3], workspace=sys.argv[4])
found = []
for record in dataset.records(with_responses=True):
    for response in record.responses["parts"]:
        found += [record.fields["text"][span["start"]:span["end"]] for span in response.value]
print("|".join(sorted(found)))
END
)" $'Ana Botín|e\u0301|山田|東京|🎉東京タワー'
    fi
    delete_datasets
}
for server in $SHERD_LIVE_ARGILLA; do
    all_types "$server"
done
tap_end
