#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy over some files; prints only findings. usage: tidy.sh FLAGS FILE...
flags=$1
shift
# shellcheck disable=SC2086 # a word list
clang-tidy --quiet --warnings-as-errors='*' "$@" -- $flags 2>/dev/null
