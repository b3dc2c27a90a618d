# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the live scripts share, sourced first with the variables that must be set. On every way out
# the datasets of name_dataset are deleted on all servers, what runs in the background is ended and
# every tmux server stopped.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$here/support/tap.sh"
for needed in "$@"; do
    [ -n "${!needed:-}" ] || tap_skip_all "$needed is not set"
done
# shellcheck source-path=SCRIPTDIR source=../support/screen.sh
. "$here/support/screen.sh"
export ARGILLA_API_KEY=${SHERD_LIVE_ARGILLA_KEY:-}
# shellcheck disable=SC2034 # the scripts use them
sherd=${SHERD_BIN:?names the built program} workspace=${SHERD_LIVE_WORKSPACE:-argilla} dir=${screen_dir:?} url=
header=$screen_dir/header
(umask 077 && printf 'X-Argilla-Api-Key: %s\n' "$ARGILLA_API_KEY" >"$header")

api() { # METHOD URL [BODY]
    curl -fsS -X "$1" -H @"$header" -H 'Content-Type: application/json' ${3:+-d "$3"} "$2"
}
json() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }
dataset_id() { # URL NAME
    api GET "$1/api/v1/me/datasets" | json "next(x['id'] for x in d['items'] if x['name'] == '$2')"
}
made='' all_made=()
name_dataset() { # PREFIX: $made is one that nobody has; what begins with it is deleted in the end, too
    made=$1-$$-$RANDOM
    all_made+=("$made")
}
delete_datasets() {
    local server name id
    for server in ${SHERD_LIVE_ARGILLA:-}; do
        for name in "${all_made[@]}"; do
            for id in $(api GET "$server/api/v1/me/datasets" |
                json "' '.join(x['id'] for x in d['items'] if x['name'].startswith('$name'))"); do
                api DELETE "$server/api/v1/datasets/$id" >/dev/null
            done
        done
    done
    all_made=()
}
also_clean() { :; } # for a script that made more
# shellcheck disable=SC2317 # called by the trap
live_cleanup() {
    local pid
    trap - INT TERM HUP
    also_clean
    delete_datasets
    for pid in $(jobs -pr); do kill "$pid" 2>/dev/null; done
    screen_cleanup
}
trap live_cleanup EXIT
trap 'exit 143' INT TERM HUP
