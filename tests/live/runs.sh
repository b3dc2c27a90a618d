#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guide's list of prompts and its chain on a real model, by each protocol that its server
# speaks, into each Argilla of SHERD_LIVE_ARGILLA (the store alone without). Needs SHERD_LIVE_MODEL (a
# base URL). Prints TAP.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$here/support/tap.sh"
sherd=${SHERD_BIN:?set SHERD_BIN to the program}
[ -n "${SHERD_LIVE_MODEL:-}" ] || tap_skip_all "SHERD_LIVE_MODEL is not set"
data=${SHERD_DATA:?}
folder=$(mktemp -d "${TMPDIR:-/tmp}/sherd-runs.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export HOME=$folder XDG_CONFIG_HOME='' XDG_DATA_HOME='' XDG_STATE_HOME='' ARGILLA_API_KEY=${SHERD_LIVE_ARGILLA_KEY:-}
kinds="openai-chat openai-completions openai-responses anthropic"
for kind in $kinds; do
    printf '[endpoint %s]\nkind = %s\nurl = %s\nmax_tokens = 24\n' "$kind" "$kind" "$SHERD_LIVE_MODEL"
done >"$folder/config"

# run OPTION...: code, out and err as in cli.sh
run() {
    timeout -k 5 300 "$sherd" --config "$folder/config" --store "$folder/store.db" --dataset "$name" \
        "${where[@]}" run "$@" >"$folder/out" 2>"$folder/err" </dev/null
    code=$?
}
# Called through ok.
# shellcheck disable=SC2317
logged() { # CODE COUNT TEXT
    [ "$code" -eq "$1" ] && [ "$(wc -l <"$folder/out")" -eq "$2" ] && grep -qF "$3" "$folder/err" && return
    echo "exit code $code"
    cat "$folder/out" "$folder/err"
    return 1
}

on_all() { # NAME OF THE PLACE
    local kind
    for kind in $kinds; do
        run "$data/prompts.txt" --endpoint "$kind" --samples 3 --temperature 0.9 --concurrency 8
        ok "$1, $kind: two prompts, three answers each" logged 0 6 '6 logged'
        run "$data/prompts.txt" --endpoint "$kind" --samples 3 --temperature 0.9 --concurrency 8
        ok "$1, $kind: nothing is asked twice" logged 0 0 '6 there already'
        run "$data/plays.csv" --endpoint "$kind" --template "$data/synopsis.txt" --then 'Review: {output}'
        ok "$1, $kind: the chain of two steps" logged 0 1 '1 logged'
    done
    run "$data/prompts.txt" --endpoint openai-chat --endpoint anthropic --fresh --concurrency 4
    ok "$1: two endpoints at once" logged 0 4 '4 logged'
}

if [ -n "${SHERD_LIVE_ARGILLA:-}" ]; then
    for url in $SHERD_LIVE_ARGILLA; do
        name=runs-$(date +%s)-$RANDOM
        where=(--server "$url" --workspace "${SHERD_LIVE_WORKSPACE:-argilla}")
        "$sherd" --store "$folder/store.db" "${where[@]}" dataset create "$name" >/dev/null
        on_all "$url"
    done
else
    name=runs
    where=(--local)
    on_all "the store"
fi
tap_end
