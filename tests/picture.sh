#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes docs/screen.svg from a real run of `sherd demo`. usage: SHERD_BIN=… tests/picture.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/screen.sh
. "$here/support/screen.sh"
sherd=${SHERD_BIN:?set SHERD_BIN to the program}
screen_start 110 30 env COLORTERM=truecolor "$sherd" demo
screen_wait 'Prompt #1 '
screen_keys 4 Enter
screen_wait 'Prompt #2 '
screen_keys 2 Enter
screen_wait 'Prompt #3 '
screen_keys 5 Enter
screen_wait 'Prompt #4 '
screen_keys d
screen_wait 'Prompt #5 '
screen_keys i
screen_type 'Tell me a poem'
screen_keys Enter
screen_wait 'Clay|clay|poem' 20
screen_keys 4
screen_wait '\[4\]'
screen_keys f
screen_type 'Warm, and it scans. The last line carries it.'
screen_wait 'saved'
screen_keys Escape
screen_wait '1.5 rate'
screen_styled | python3 "$here/support/picture.py" 110 'sherd demo' >"$here/../docs/screen.svg"
screen_keys q
