#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy over some files; prints only findings. usage: tidy.sh FLAGS FILE...
flags=$1
shift
# The counts of hidden warnings go to stderr; so would the reason why it did not run.
# shellcheck disable=SC2086 # a word list
said=$(clang-tidy --quiet --warnings-as-errors='*' "$@" -- $flags 2>&1) && exit 0
printf '%s\n' "$said"
exit 1
