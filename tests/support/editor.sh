#!/bin/sh
# SPDX-License-Identifier: MIT
# An editor for tests: adds a line to its file, if that is private as it must be. "die" first: is ended by
# a signal then; "fail" first: says that it went wrong; "spoil" first: adds what is no text.
how=
[ $# -gt 1 ] && { how=$1; shift; }
[ "$(stat -c %a "$1")" = 600 ] || exit 1
[ "$(stat -c %a "$(dirname "$1")")" = 700 ] || exit 1
echo "and after" >>"$1"
[ "$how" = spoil ] && printf '\377' >>"$1"
[ "$how" = die ] && kill -TERM $$
[ "$how" != fail ]
