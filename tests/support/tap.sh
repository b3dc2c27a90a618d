# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# TAP for shell tests: source it, call ok / is / fail, end with tap_end.
tap_number=0
tap_failed=0

# ok NAME COMMAND...: passes when the command does.
ok() {
    local name=$1
    shift
    tap_number=$((tap_number + 1))
    local out
    if out=$("$@" 2>&1); then
        echo "ok $tap_number - $name"
    else
        echo "not ok $tap_number - $name"
        printf '%s\n' "$*" "$out" | head -60 | sed 's/^/# /'
        tap_failed=$((tap_failed + 1))
    fi
}

# is NAME GOT WANTED
is() {
    tap_number=$((tap_number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $tap_number - $1"
    else
        echo "not ok $tap_number - $1"
        printf 'got:    %s\nwanted: %s\n' "$2" "$3" | head -60 | sed 's/^/# /'
        tap_failed=$((tap_failed + 1))
    fi
}

# has NAME TEXT PATTERN: TEXT matches the extended regular expression.
has() {
    tap_number=$((tap_number + 1))
    if printf '%s\n' "$2" | grep -Eq -- "$3"; then
        echo "ok $tap_number - $1"
    else
        echo "not ok $tap_number - $1"
        { echo "no line matches: $3"; printf '%s\n' "$2"; } | head -60 | sed 's/^/# /'
        tap_failed=$((tap_failed + 1))
    fi
}

# lacks NAME TEXT PATTERN
lacks() {
    tap_number=$((tap_number + 1))
    if printf '%s\n' "$2" | grep -Eq -- "$3"; then
        echo "not ok $tap_number - $1"
        { echo "a line matches: $3"; printf '%s\n' "$2"; } | head -60 | sed 's/^/# /'
        tap_failed=$((tap_failed + 1))
    else
        echo "ok $tap_number - $1"
    fi
}

# fail NAME WHY: one that could not even be tried
fail() {
    tap_number=$((tap_number + 1))
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_number - $1"
    printf '%s\n' "${2:-}" | head -60 | sed 's/^/# /'
}

# skip WHY: one test that cannot run here
skip() {
    tap_number=$((tap_number + 1))
    echo "ok $tap_number # SKIP $*"
}

tap_skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

tap_end() {
    echo "1..$tap_number"
    exit $((tap_failed > 0))
}
