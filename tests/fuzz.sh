#!/bin/sh
# SPDX-License-Identifier: MIT
# Replays the kept corpus through each fuzzer's entry point. Prints TAP.
set -u
top=${srcdir:-$(dirname "$0")/..}
program=${SHERD_BIN%/*}/tests/fuzz_text
number=0
failed=0
for input in "$top"/tests/corpus/text/*; do
    number=$((number + 1))
    if "$program" "$input" >/dev/null 2>&1; then
        echo "ok $number - $(basename "$input")"
    else
        echo "not ok $number - $(basename "$input")"
        failed=1
    fi
done
echo "1..$number"
exit $failed
