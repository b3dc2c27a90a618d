#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test program under valgrind: silent when none fails, none errs and none leaks.
# usage: valgrind.sh PROGRAM...
set -u
export SHERD_UNDER_VALGRIND=1
here=$(dirname "$0")

# The log of a child that a test forked: it may end by a signal or by _exit, and then
# what it held is no leak.
without_leaks() {
    awk '/definitely lost in loss record/ {skip = 1} !skip {print} /^==[0-9]+== $/ {skip = 0}'
}

one() { # folder for logs, program
    name=$(basename "$2")
    # no "&": a shell without a terminal makes its background jobs deaf to SIGINT
    # shellcheck disable=SC2016 # the inner shell's words
    sh -c 'echo $$ >"$1/$2.pid"; shift 2; exec valgrind "$@"' sh "$1" "$name" \
        -q --leak-check=full --show-leak-kinds=definite --suppressions="$here/valgrind.supp" \
        --log-file="$1/$name.%p" "$2" >"$1/$name.out" 2>&1
    code=$?
    own=$1/$name.$(cat "$1/$name.pid")
    for log in "$1/$name".[0-9]*; do
        if [ "$log" = "$own" ]; then cat "$log"; else without_leaks <"$log"; fi
    done | sed '/Warning: noted but unhandled ioctl/,+2d; /^==[0-9]*== $/d' >"$1/$name.found"
    [ $code != 0 ] || [ -s "$1/$name.found" ] || return 0
    echo "valgrind: $name (exit code $code)"
    grep -a -A8 '^not ok' "$1/$name.out"
    head -60 "$1/$name.found"
    return 1
}

if [ "$1" = --one ]; then
    one "$2" "$3"
    exit
fi
logs=$(mktemp -d) || exit 99
trap 'rm -rf "$logs"' EXIT
printf '%s\n' "$@" | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 1 "$0" --one "$logs"
