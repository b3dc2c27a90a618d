#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A dataset that somebody else filled, read by three users (the owner and two annotators) from
# each real Argilla server: killed in the middle, gone on with, and later only what is new.
# Needs SHERD_BIN, SHERD_LIVE_ARGILLA ("URL URL"), SHERD_LIVE_ARGILLA_KEY (an owner's).
# SHERD_LIVE_RECORDS: how many, default 6000; 20,000 took 195 s on Argilla 2.8 and 125 s on 1.29.
# Prints TAP.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh" SHERD_LIVE_ARGILLA SHERD_LIVE_ARGILLA_KEY
owner=$ARGILLA_API_KEY
count=${SHERD_LIVE_RECORDS:-6000}
name_dataset review
name=$made
# The check after a loop tells what was not there in time.
in_time() { [ "$SECONDS" -lt "$deadline" ]; }
help() { python3 "$here/live/review.py" "$@"; }

# what_is_there STORE: records, different ones, those that are submitted
what_is_there() { help place "$1" | cut -d' ' -f1-3; }

# shellcheck disable=SC2317 # called by lib.sh
also_clean() { [ -z "$url" ] || help clear "$url" "$owner" "$name"; }

for url in $SHERD_LIVE_ARGILLA; do
    keys=$(help fill "$url" "$owner" "$name" "$count") || { fail "$url is filled" "$keys"; continue; }
    user=0
    for key in $keys; do
        user=$((user + 1))
        store=$dir/$user.db
        export ARGILLA_API_KEY=$key
        # the screen shows a record long before the rest is here; then it is killed
        screen_start 80 24 "$sherd" --store "$store" --server "$url" review "$name"
        screen_wait 'Record [0-9]+: ' 30 || screen_text
        seen=$(help place "$store" | cut -d' ' -f1)
        is "user $user of $url sees a record before all are here" "$((seen < count))" 1
        read -r before _ _ at < <(help place "$store")
        deadline=$((SECONDS + 60))
        until [ "$at" -ge $((count / 4)) ] || [ "$before" = "$count" ] || ! in_time; do
            read -r before _ _ at < <(help place "$store")
        done
        kill -9 "$(screen_pid)"
        read -r before _ _ at < <(help place "$store")
        is "user $user is cut in the middle" "$((before < count && at > 0))" 1
        screen_start 80 24 "$sherd" --store "$store" --server "$url" review "$name"
        deadline=$((SECONDS + 120))
        until [ "$(help place "$store" | cut -d' ' -f2,4)" = "$count 0" ] || [ -z "$(screen_pid)" ] || ! in_time; do nap 0.3; done
        is "user $user has them all, each once" "$(what_is_there "$store")" "$count $count 0"
        screen_keys q
        screen_wait '\[exit 0\]' 30 || screen_text
        # on the web meanwhile; only what is new is read
        help answer "$url" "$key" "$name" 3
        screen_start 80 24 "$sherd" --store "$store" --server "$url" review "$name"
        deadline=$((SECONDS + 60))
        until [ "$(what_is_there "$store")" = "$count $count 3" ] || ! in_time || screen_text | grep -q 'offline'; do
            nap 0.2
        done
        is "user $user has what was answered elsewhere" "$(what_is_there "$store")" "$count $count 3"
        screen_keys q
        screen_wait '\[exit 0\]' 30 || screen_text
        rm -f "$store"*
    done
    help clear "$url" "$owner" "$name"
    url=
done
tap_end
