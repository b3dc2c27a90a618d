#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./bootstrap on machines that misbehave: its tools are stubs that write down how they were called.
# Real empty machines are tried by .ci/run. Prints TAP.
# shellcheck disable=SC2016 # the stubs' words
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/tap.sh
. "$here/support/tap.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
unset CI

# tool NAME BODY: a stub in front of the real one
tool() {
    printf '#!/bin/bash\necho "${0##*/} $*" >>"$DIR/calls"\n%s\n' "$2" >"$dir/bin/$1"
    chmod +x "$dir/bin/$1"
}
# machine: an empty checkout; nothing is installed, everything works
machine() {
    rm -rf "${dir:?}"/*
    mkdir "$dir/bin" "$dir/tmp" "$dir/tree"
    cp "$here/../bootstrap" "$dir/tree/"
    touch "$dir/tree/configure.ac" "$dir/tree/Makefile.am" "$dir/calls"
    tool id 'echo 0'
    tool apt-get 'echo "Get:1 http://example.org a 1"; [ "${*: -1}" = update ] || touch "$DIR/installed"'
    tool dpkg-query '[ ! -e "$DIR/installed" ] || echo installed'
    tool sleep ''
    tool autoreconf 'cp "$DIR/bin/configure" .; touch Makefile.in'
    tool make 'case $* in *check*) printf "# PASS:  7\n# FAIL:  0\n" >test-suite.log ;; esac'
    tool configure 'cp "$DIR/bin/config.status" .; touch Makefile'
    tool config.status "# HAVE_TEST_LIBRARIES_TRUE\"]=\"${libraries-}\""
}
bootstrap() {
    out=$(cd "$dir/tree" && DIR=$dir TMPDIR=$dir/tmp PATH=$dir/bin:$PATH ./bootstrap "$@" 2>&1 </dev/null)
    code=$?
}

libraries='#'
machine
bootstrap build
is "build works on an empty machine" "$code" 0
has "what is fetched is shown" "$out" '^Get:1 http'
is "nothing stays in the temporary folder" "$(ls -A "$dir/tmp"; ls "$dir/tree/build/packages.log" 2>/dev/null)" ""
bootstrap check
is "check works after build" "$code" 0
has "check configures again once the test libraries are there" "$(cat "$dir/calls")" '^config.status .*--recheck'
is "check ends with the sum" "$(tail -1 <<<"$out")" "7 passed, 0 failed"
tool make 'exit 2'
bootstrap check
is "so does a check that does not build" "$(tail -1 <<<"$out") $code" "0 passed, 1 failed 2"

machine
tool apt-get 'echo "$*" | grep -q update || { touch "$DIR/installed"; exit 0; }
    [ -e "$DIR/free" ] || { touch "$DIR/free"; echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by 7"; exit 100; }'
bootstrap build
is "a held lock is waited for" "$code $(grep -c 'apt-get.*update' "$dir/calls")" "0 2"
has "and named" "$out" 'another program installs packages'
has "dpkg waits for its own lock" "$(cat "$dir/calls")" 'apt-get .*DPkg::Lock::Timeout=[0-9]{3,} .*install'

machine
tool apt-get 'echo "$*" | grep -q update || { touch "$DIR/installed"; exit 0; }
    echo "E: Failed to fetch http://example.org"; exit 100'
bootstrap build
is "a dead source of packages stops nothing" "$code" 0
has "but is shown" "$out" '^E: Failed to fetch'

machine
tool apt-get 'echo "$*" | grep -q update || { echo "E: Unable to locate package gcc"; exit 100; }'
bootstrap check
is "what cannot be installed ends it" "$code $(tail -1 <<<"$out")" "1 0 passed, 1 failed"
has "with apt's reason" "$out" '^E: Unable to locate package'

machine
tool id 'echo 1000'
tool sudo 'exit 1'
bootstrap build
is "who may not sudo gets nothing installed" "$code $(grep -c apt-get "$dir/calls")" "1 0"
has "and is told what to run" "$out" 'as root, run: apt-get install .*gcc make'
tool sudo '[ "$1" != -n ] || exit 0; "$@"'
bootstrap build
is "who may sudo needs no more" "$code" 0
tap_end
