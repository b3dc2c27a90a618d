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

once() { # OPTION...
    timeout -k 5 300 "$sherd" --config "$dir/config" --store "$dir/store.db" --dataset "$name" \
        "${where[@]}" run "$@" >"$dir/out" 2>"$dir/err" </dev/null
    code=$?
}
# run OPTION...: code and err as in cli.sh, out of all tries. A model may end before its first word;
# where that alone failed, the same command asks for it again, as it says.
run() {
    local empty failed try
    : >"$dir/all"
    for try in 1 2 3 4 5; do
        once "$@"
        cat "$dir/out" >>"$dir/all"
        empty=$(grep -c 'gave an empty answer' "$dir/err")
        failed=$(sed -n 's/^sherd: [0-9]* logged, .* \([0-9]*\) failed\.$/\1/p' "$dir/err")
        [ "$empty" -gt 0 ] && [ "$empty" = "$failed" ] || return
        echo "# try $try: $empty empty"
    done
}
# Called through ok.
# shellcheck disable=SC2317
logged() { # COUNT TEXT
    [ "$code" -eq 0 ] && [ "$(wc -l <"$dir/all")" -eq "$1" ] && grep -qF "${2:-0 failed}" "$dir/err" && return
    echo "exit code $code"
    cat "$dir/all" "$dir/err"
    return 1
}

on_all() { # NAME OF THE PLACE
    local kind
    for kind in $kinds; do
        run "$data/prompts.txt" --endpoint "$kind" --samples 3 --temperature 0.9 --concurrency 8
        ok "$1, $kind: two prompts, three answers each" logged 6
        run "$data/prompts.txt" --endpoint "$kind" --samples 3 --temperature 0.9 --concurrency 8
        ok "$1, $kind: nothing is asked twice" logged 0 '6 there already'
        run "$data/plays.csv" --endpoint "$kind" --template "$data/synopsis.txt" --then 'Review: {output}'
        ok "$1, $kind: the chain of two steps" logged 1
    done
    run "$data/prompts.txt" --endpoint openai-chat --endpoint anthropic --name anew --concurrency 4
    ok "$1: two endpoints at once" logged 4
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
