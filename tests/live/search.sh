#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Searching and filtering a dataset that was read from each real Argilla server: what the shell and the
# screen find is what was put there, and what the server's own filters and search find where they can.
# Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL"), SHERD_LIVE_ARGILLA_KEY (an owner's).
# SHERD_LIVE_RECORDS: how many, default 1000. Prints TAP.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$here/support/tap.sh"
: "${SHERD_BIN:?names the built program}"
[ -n "${SHERD_LIVE_ARGILLA:-}" ] || tap_skip_all "SHERD_LIVE_ARGILLA is not set"
[ -n "${SHERD_LIVE_ARGILLA_KEY:-}" ] || tap_skip_all "SHERD_LIVE_ARGILLA_KEY is not set"
count=${SHERD_LIVE_RECORDS:-1000}
# shellcheck source-path=SCRIPTDIR source=../support/screen.sh
. "$here/support/screen.sh"
export ARGILLA_API_KEY=$SHERD_LIVE_ARGILLA_KEY
help() { python3 "$here/live/search.py" "$@"; }
url=
trap '[ -z "$url" ] || help clear "$url" "$ARGILLA_API_KEY" "$name"; screen_cleanup' EXIT
# finds EXPRESSION BODY OPTIONS...: BODY = what the server is asked, '' = it cannot tell
finds() {
    local found expression=$1 body=$2
    shift 2
    mapfile -t found < <("$SHERD_BIN" --store "$store" --server "$url" records "$name" --json "$@" |
        help found "$count" "$expression" "$url" "$ARGILLA_API_KEY" "$name" "$body") # ours, wanted; theirs, wanted
    is "$url finds $*" "${found[0]:-}" "${found[1]:-something}"
    [ -z "$body" ] || is "$url: so does its own search" "${found[2]:-}" "${found[3]:-something}"
}
metadata() { printf '{"entity":"metadata","metadata_property":"%s"}' "$1"; }
suggested() { printf '{"entity":"suggestion","question":"rating","property":"%s"}' "$1"; }
and() { local IFS=,; printf '{"filters":{"and":[%s]}}' "$*"; }
terms() { printf '{"type":"terms","scope":%s,"values":[%s]}' "$1" "$2"; }
range() { printf '{"type":"range","scope":%s,%s}' "$1" "$2"; }

for url in $SHERD_LIVE_ARGILLA; do
    name=search-$$-$RANDOM
    store=$screen_dir/$name.db
    help fill "$url" "$ARGILLA_API_KEY" "$name" "$count" || { ok "$url is filled" false; continue; }
    ok "$url is read" "$SHERD_BIN" --store "$store" --server "$url" sync --dataset "$name"
    is "$url: all are here" "$("$SHERD_BIN" --store "$store" --server "$url" records "$name" | wc -l)" "$count"

    # metadata
    finds 'topic in ("sea", "sky")' "$(and "$(terms "$(metadata topic)" '"sea","sky"')")" --filter meta.topic:sea,sky
    finds '10 <= length <= 20' "$(and "$(range "$(metadata length)" '"ge":10,"le":20')")" --filter meta.length:10..20
    finds '0.25 <= share <= 0.3' "$(and "$(range "$(metadata share)" '"ge":0.25,"le":0.3')")" --filter meta.share:0.25..0.3
    finds 'topic == "sea" and length <= 60 and share <= 0.5' \
        "$(and "$(terms "$(metadata topic)" '"sea"')" "$(range "$(metadata length)" '"le":60')" "$(range "$(metadata share)" '"le":0.5')")" \
        --filter 'meta.topic:sea meta.length:..60 -meta.share:>0.5'
    finds 're.match("d|se", topic)' '' --filter 'meta.topic:/^(d|se)/'
    finds 'length < 10 by -place' "$(and "$(range "$(metadata length)" '"le":9')")" --filter 'meta.length:<10' --order -meta.place
    # suggestions and answers
    finds 'suggested == 4' "$(and "$(terms "$(suggested value)" '"4"')")" --filter suggestion:4
    finds 'suggested and 0.5 <= score <= 0.8' "$(and "$(range "$(suggested score)" '"ge":0.5,"le":0.8')")" --filter score:0.5..0.8
    finds 'suggested and agent == "Bot 2"' "$(and "$(terms "$(suggested agent)" '"Bot 2"')")" --filter 'agent:"bot 2"'
    finds 'rating' "$(and "$(terms '{"entity":"response","property":"status"}' '"submitted"')")" --status submitted
    finds 'not rating and topic == "sky"' \
        "$(and "$(terms '{"entity":"response","property":"status"}' '"pending"')" "$(terms "$(metadata topic)" '"sky"')")" \
        --filter 'pending meta.topic:sky'
    finds 'rating >= 4' "$(and "$(terms '{"entity":"response","question":"rating"}' '"4","5"')")" --filter 'rating:>=4'
    # texts
    finds '"keeper" in text' '{"query":{"text":{"q":"keeper"}}}' --search keeper
    finds 're.search("[0-9]7 .*slept", text)' '' --search '/[0-9]7 .*SLEPT/i'
    finds '"灯台" in text' '' --search 灯台
    finds 're.search("台.は", text) and length == 95' '' --filter 'meta.length:95' --search '/台.は/'
    finds 'length == 100 and rating' '' --search '/^length: 100$/' --status submitted
    finds 'remark.endswith("long")' '' --search 'too long'
    finds 'remark.endswith("Short") by -i' '' --filter 'feedback:Short' --order -dataset

    finds '"keeper" in text' '{"query":{"text":{"q":"keeper slept"}}}' --filter 'keeper slept'
    finds '"keeper" in text' '{"query":{"text":{"q":"keeper","field":"text"}}}' --filter field.text:keeper
    finds 'suggested by (-suggested, score, i)' '' --filter suggestion:1..5 --order -suggestion.rating,score
    finds 'i < 300 by (topic, -share, -i)' '' --filter 'text:/^Entry [12]?\d?\d of/' --order meta.topic,-meta.share,-dataset

    # the screen: an index as well as none, while one types, round and round
    screen_start 120 40 "$SHERD_BIN" --store "$store" --server "$url" review "$name"
    ok "$url: the screen opens" screen_wait 'all sent' 30
    screen_type /keeper
    ok "$url: / finds the words" screen_wait "of $(help wanted "$count" '"keeper" in text' | wc -w)\b|$(help wanted "$count" '"keeper" in text' | wc -w) records have it"
    screen_keys C-u
    screen_type '/slept|起き/'
    ok "$url: and a pattern" screen_wait "\b$(help wanted "$count" '"keeper" in text or "起き" in text' | wc -w)( records have it|\$|[^0-9])"
    screen_keys C-u
    screen_type 'far too short' # no capital: all
    screen_keys Enter
    ok "$url: and one's own remarks" screen_wait "record 1 of $(help wanted "$count" '"Short" in remark' | wc -w)\b"
    help add "$url" "$ARGILLA_API_KEY" "$name" "$count" 'A zeppelin that came later.'
    screen_type /zeppelin
    screen_keys Enter
    ok "$url: what is not here is not found" screen_wait 'no record has it|zeppelin is not found'
    screen_type :search-server
    screen_keys Space
    screen_type zeppelin
    screen_keys Enter
    ok "$url: the server finds it" screen_wait 'The server finds 1 record; 1 was not here'
    ok "$url: and it is shown" screen_wait 'A zeppelin that came later'
    screen_keys q
    screen_wait '\[exit 0\]' 30 || screen_text
    help clear "$url" "$ARGILLA_API_KEY" "$name"
    url=
done
tap_end
