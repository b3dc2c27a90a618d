#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The bounds of the design as ratios, tig and curl in the same run. usage: run.sh [start] [keys]
# [review] [commit] [search] [undo] [alpha] [run] [log] [pull]; default: all. Ends with how many are over.
# log needs SHERD_LIVE_ARGILLA ("URL URL") and SHERD_LIVE_ARGILLA_KEY; with SHERD_BENCH_SDK (a python
# that has argilla 2.x) the SDK is measured too. SHERD_BENCH_RECORDS: default 2000.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sherd=${SHERD_BIN:?set SHERD_BIN to the program}
programs=$(dirname "$sherd")/tests
records=${SHERD_BENCH_RECORDS:-2000}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sherd-bench.XXXXXX")
proxy_pid=
cleanup() {
    [ -z "$proxy_pid" ] || kill "$proxy_pid" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT
export TMPDIR=$folder HOME=$folder XDG_CONFIG_HOME='' XDG_DATA_HOME='' XDG_STATE_HOME=''
TIMEFORMAT='%R %U %S'

# repository COMMITS: one for tig to open
repository() {
    local i
    rm -rf "$folder/repository" && mkdir "$folder/repository"
    git -C "$folder/repository" init -q
    for ((i = $1; i > 0; i--)); do
        printf 'commit refs/heads/main\ncommitter a <a@example.org> %d +0000\ndata 5\nfirst\n' $((1700000000 - i))
    done | git -C "$folder/repository" fast-import --quiet
    git -C "$folder/repository" symbolic-ref HEAD refs/heads/main
}

bench_start() {
    local runs=31 count bound mib
    command -v tig >/dev/null || { echo "start: not measured, tig is not installed"; return; }
    repository 1
    cd "$folder/repository"
    echo "the demo:"
    "$programs/bench_start" $runs 1 0 "Prompt #" "$sherd" demo -- first tig
    for count in 0 100000 1000000; do
        "$programs/bench_fill" "$folder/$count.db" langchain-dataset $count
        case $count in
        0) bound=1 mib=12 ;;
        100000) bound=2 mib=24 ;;
        1000000) bound=99 mib=64 runs=3 ;;
        esac
        echo "a store of $count records:"
        "$programs/bench_start" $runs $bound $mib "$([ $count = 0 ] && echo langchain-dataset || echo 'Prompt #')" \
            "$sherd" --local --store "$folder/$count.db" -- first tig
        rm -f "$folder/$count.db"*
    done
    cd - >/dev/null
}

bench_keys() {
    command -v tig >/dev/null || { echo "keys: not measured, tig is not installed"; return; }
    repository 500
    "$programs/bench_keys" "$sherd" 64 100000 "$folder/repository"
}

bench_commit() {
    "$programs/bench_commit" "$folder"
}

bench_review() {
    "$programs/bench_review" "$sherd" 500
    "$programs/bench_review" "$sherd" 500 fast
}

# Reading a whole dataset into a new store; beside it the SDK, where there is one (2.x only).
bench_pull() {
    [ -n "${SHERD_LIVE_ARGILLA:-}" ] || { echo "pull: not measured, SHERD_LIVE_ARGILLA is not set"; return; }
    local url name ours cpu sdk
    export ARGILLA_API_KEY=$SHERD_LIVE_ARGILLA_KEY
    printf 'X-Argilla-Api-Key: %s\n' "$ARGILLA_API_KEY" >"$folder/header"
    for url in $SHERD_LIVE_ARGILLA; do
        name=bench-$(date +%s)-$RANDOM
        "$programs/bench_fill" "$folder/p.db" "$name" "$records" pairs
        "$sherd" sync --store "$folder/p.db" --server "$url" --dataset "$name" --workspace argilla --no-fetch >/dev/null
        rm -f "$folder"/p.db*
        { time "$sherd" sync --store "$folder/p.db" --server "$url" --dataset "$name" --workspace argilla >/dev/null; } 2>"$folder/pull-time"
        read -r ours cpu < <(tail -1 "$folder/pull-time" | time_of /dev/stdin)
        awk -v u="$url" -v n="$records" -v o="$ours" -v p="$cpu" \
            'BEGIN { printf "reading %d records from %s: %.2f s (CPU %.2f s), %.0f records/s\n", n, u, o, p, n / o }'
        if [ -n "${SHERD_BENCH_SDK:-}" ] && sdk=$("$SHERD_BENCH_SDK" "$here/sdk_pull.py" "$url" "$ARGILLA_API_KEY" "$name" 2>/dev/null | tail -1); then
            awk -v s="$sdk" -v o="$ours" -v p="$cpu" 'BEGIN {
                split(s, f, " ")
                if (f[3]) printf "  the Python SDK: %.2f s (CPU %.2f s) for %d; sherd / SDK: wall %.2f, CPU %.3f\n", f[1], f[2], f[3], o / f[1], p / f[2] }'
        fi
        delete "$url" "$name"
        rm -f "$folder"/p.db*
    done
}

bench_undo() {
    "$programs/bench_undo" "$folder/undo.db" 10000
    rm -f "$folder/undo.db"*
}

# SHERD_BENCH_SEARCH: records; default 100000.
bench_search() {
    command -v rg >/dev/null || { echo "search: not measured, rg (ripgrep) is not installed"; return; }
    "$programs/bench_search" "$folder" "${SHERD_BENCH_SEARCH:-100000}"
    rm -f "$folder"/search.*
}

bench_alpha() {
    "$programs/bench_alpha"
}

# The same job as LangChain's own handler does it: each pair into a dataset of a 1.x server.
bench_handler() { # PYTHON
    local url name end
    export ARGILLA_API_KEY=$SHERD_LIVE_ARGILLA_KEY
    printf 'X-Argilla-Api-Key: %s\n' "$ARGILLA_API_KEY" >"$folder/header"
    for url in $SHERD_LIVE_ARGILLA; do
        [[ $(curl -fsS "$url/api/v1/version") == *'"1.'* ]] || continue
        name=bench-$(date +%s)-$RANDOM
        for end in '' -handler; do
            "$sherd" dataset create "$name$end" --server "$url" --workspace argilla --store "$folder/h.db" >/dev/null
        done
        "$programs/bench_run" "$sherd" "$folder" 64 1000 1.05 "$1" "$here/langchain_run.py" "$url" "$name"
        for end in '' -handler; do
            echo "  $(records_on "$url" "$name$end") records in $name$end"
            delete "$url" "$name$end"
        done
        rm -f "$folder"/h.db* "$folder"/run-*.db*
    done
}

# SHERD_BENCH_LANGCHAIN: a python that has langchain-openai, and for its handler (with SHERD_LIVE_ARGILLA)
# langchain-community and argilla 1.x; "install" makes one for this bench.
bench_run() {
    local c python=${SHERD_BENCH_LANGCHAIN:-}
    if [ "$python" = install ]; then
        python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q langchain-openai langchain-community 'argilla<2'
        python=$folder/venv/bin/python
    fi
    [ -z "$python" ] || [ -z "${SHERD_LIVE_ARGILLA:-}" ] || bench_handler "$python"
    for c in 1 8 64 512; do
        "$programs/bench_run" "$sherd" "$folder" $c 1000 1.05 \
            ${python:+"$python" "$here/langchain_run.py"}
    done
    "$programs/bench_run" "$sherd" "$folder" rows 1000000
    rm -f "$folder"/run-*.db* "$folder"/rows.db* "$folder/prompts.txt"
}

dataset_id() { # URL NAME
    curl -fsS -H @"$folder/header" "$1/api/v1/me/datasets" |
        python3 -c 'import json, sys
print(next(d["id"] for d in json.load(sys.stdin)["items"] if d["name"] == sys.argv[1]))' "$2"
}

delete() { # URL NAME
    curl -fsS -X DELETE -H @"$folder/header" "$1/api/v1/datasets/$(dataset_id "$1" "$2")" >/dev/null
}

records_on() { # URL NAME
    curl -fsS -H @"$folder/header" "$1/api/v1/datasets/$(dataset_id "$1" "$2")/records?limit=1" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["total"])'
}

# time_of FILE: prints "WALL CPU" from bash's time line.
time_of() { awk '{print $1, $2 + $3}' "$1"; }

bench_log_on() { # URL
    local url=$1 name
    name=bench-$(date +%s)-$RANDOM
    export ARGILLA_API_KEY=$SHERD_LIVE_ARGILLA_KEY
    printf 'X-Argilla-Api-Key: %s\n' "$ARGILLA_API_KEY" >"$folder/header"
    rm -rf "$folder/bodies" && mkdir "$folder/bodies"

    # curl has no dataset to make, so we have none either
    local end id body
    for end in a c; do
        "$sherd" dataset create "$name-$end" --server "$url" --workspace argilla --store "$folder/$end.db" >/dev/null
    done
    "$programs/bench_fill" "$folder/a.db" "$name-a" "$records" pairs "$url"
    "$programs/bench_fill" "$folder/b.db" "$name-b" "$records" pairs
    # once through a proxy that keeps the bodies; its address of the last server must be gone
    rm -f "$folder/proxy-url"
    python3 "$here/record_proxy.py" "$url" "$folder/bodies" >"$folder/proxy-url" &
    proxy_pid=$!
    until [ -s "$folder/proxy-url" ]; do read -rt 0.05 <> <(:) || true; done
    "$sherd" sync --store "$folder/b.db" --server "$(cat "$folder/proxy-url")" --dataset "$name-b" \
        --workspace argilla --no-fetch >/dev/null
    kill $proxy_pid
    wait $proxy_pid 2>/dev/null || true
    proxy_pid=

    { time "$sherd" sync --store "$folder/a.db" --server "$url" --dataset "$name-a" \
        --workspace argilla --no-fetch >/dev/null; } 2>"$folder/sherd-time"

    id=$(dataset_id "$url" "$name-c")
    for body in "$folder"/bodies/body*.json; do
        printf 'url = "%s/api/v1/datasets/%s/records/bulk"\nrequest = PUT\nheader = "@%s"\n' \
            "$url" "$id" "$folder/header"
        printf 'header = "Content-Type: application/json"\nheader = "Expect:"\ndata-binary = "@%s"\n' "$body"
        printf 'output = /dev/null\nfail\nnext\n'
    done >"$folder/curl-config"
    sed -i '$d' "$folder/curl-config"
    { time curl -sS -K "$folder/curl-config"; } 2>"$folder/curl-time"

    local on_a on_c
    on_a=$(records_on "$url" "$name-a")
    on_c=$(records_on "$url" "$name-c")
    read -r ours our_cpu < <(tail -1 "$folder/sherd-time" | time_of /dev/stdin)
    read -r theirs their_cpu < <(tail -1 "$folder/curl-time" | time_of /dev/stdin)
    awk -v u="$url" -v n="$records" -v b="$(find "$folder/bodies" -name 'body*' | wc -l)" -v a="$on_a" -v c="$on_c" \
        -v o="$ours" -v p="$our_cpu" -v t="$theirs" -v q="$their_cpu" 'BEGIN {
        printf "logging %d records on %s in %d bodies: sherd %.2f s (CPU %.2f s; %d there), curl %.2f s (CPU %.2f s; %d there): ratio %.3f, bound 1.05%s\n",
            n, u, b, o, p, a, t, q, c, o / t, (o / t > 1.05 ? " OVER" : "") }'
    if [ -n "${SHERD_BENCH_SDK:-}" ]; then
        "$sherd" dataset create "$name-d" --server "$url" --workspace argilla --store "$folder/d.db" >/dev/null
        local sdk
        sdk=$("$SHERD_BENCH_SDK" "$here/sdk_log.py" "$url" "$ARGILLA_API_KEY" "$name-d" "$folder/bodies" 2>/dev/null | tail -1)
        awk -v s="$sdk" -v o="$ours" -v p="$our_cpu" -v t="$theirs" 'BEGIN {
            split(s, f, " ")
            printf "  the Python SDK: %.2f s (CPU %.2f s), %.2f x curl; CPU sherd / SDK = %.4f\n", f[1], f[2], f[1] / t, p / f[2] }'
    fi
    for end in a b c d; do
        [ ! -e "$folder/$end.db" ] || delete "$url" "$name-$end"
    done
    rm -f "$folder"/?.db*
}

bench_log() {
    if [ -z "${SHERD_LIVE_ARGILLA:-}" ]; then
        echo "logging: not measured, SHERD_LIVE_ARGILLA is not set"
        return
    fi
    local url
    for url in $SHERD_LIVE_ARGILLA; do bench_log_on "$url"; done
}

[ $# -gt 0 ] || set -- start keys review commit search undo alpha run log pull
for name in "$@"; do "bench_$name"; done | tee "$folder/said"
echo "$(grep -c 'bound' "$folder/said") bounds, $(grep -c ' OVER$' "$folder/said" || true) over"
