#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guide's list of prompts and its chain on a real model, by each protocol that its server
# speaks, into each Argilla of SHERD_LIVE_ARGILLA (the store alone without). Needs SHERD_LIVE_MODEL (a
# base URL). Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_MODEL
data=${SHERD_DATA:?}
kinds="openai-chat openai-completions openai-responses anthropic"
for kind in $kinds; do
    printf '[endpoint %s]\nkind = %s\nurl = %s\nmax_tokens = 24\n' "$kind" "$kind" "$SHERD_LIVE_MODEL"
done >"$dir/config"

# run OPTION...: code, out and err as in cli.sh
run() {
    timeout -k 5 300 "$sherd" --config "$dir/config" --store "$dir/store.db" --dataset "$name" \
        "${where[@]}" run "$@" >"$dir/out" 2>"$dir/err" </dev/null
    code=$?
}
# Called through ok.
# shellcheck disable=SC2317
logged() { # CODE COUNT TEXT
    [ "$code" -eq "$1" ] && [ "$(wc -l <"$dir/out")" -eq "$2" ] && grep -qF "$3" "$dir/err" && return
    echo "exit code $code"
    cat "$dir/out" "$dir/err"
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
        name_dataset runs
        name=$made
        where=(--server "$url" --workspace "$workspace")
        "$sherd" --store "$dir/store.db" "${where[@]}" dataset create "$name" >/dev/null
        on_all "$url"
    done
else
    name=runs
    where=(--local)
    on_all "the store"
fi
tap_end
