#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Suggestions, the fast key, a flag, a note and a phrase on a real terminal, the program killed after each: a look leaves
# nothing, what was called saved is there. Needs SHERD_BIN. Prints TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/e2e.sh
. "$here/support/e2e.sh"
for n in 1 2 3; do
    printf '{"id":"s%s","prompt":"Question %s","response":"An answer.","suggestions":{"response-rating":{"value":4,"score":0.83,"agent":"judge"},"response-feedback":{"value":"Kind, 日本."}}}\n' $n $n
done >in.jsonl
printf '[snippets]\nlong = Too long.\n' >config
"$sherd" --local --store s.db import in.jsonl --dataset d >/dev/null 2>&1
state() { # RECORD: status, rating, feedback, flag
    "$sherd" --local --store s.db records d --json | sed -n "$1p" | sed -n \
        's/^[^{]*{"id":"[^"]*","dataset":"d","status":"\([a-z]*\)","rating":\([a-z0-9]*\),"feedback":"*\([^"]*[^",]\)"*,"values".*"flagged":\([a-z]*\),.*/\1 \2 \3 \4/p'
}
open_screen() { screen_start 120 40 "$sherd" --local --store s.db --config config --dataset d; }
end_it() {
    kill -9 "$(screen_pid)"
    screen_wait '\[exit 137\]' >/dev/null
}
open_screen
ok "the answer starts from what is suggested" screen_wait '\(4\).*suggested · judge 0\.83'
screen_resize 80 24
ok "it does so on a small screen" screen_wait '\(4\)'
end_it
is "a look and a kill answer nothing" "$(state 1)" "pending null null false"
open_screen
screen_wait 'Question 1' >/dev/null
screen_keys b
ok "a flag is said" screen_wait '#1 is flagged'
end_it
is "it is there after a kill" "$(state 1)" "pending null null true"
open_screen
ok "and on the screen" screen_wait '1⚑'
screen_keys +
screen_wait 'never sent' >/dev/null
screen_type 'half a no'
screen_wait 'half a no' >/dev/null
ok "a note is saved while it is written" screen_wait '^ *saved'
end_it
is "it is there after a kill, and is no answer" "$(state 1)$("$sherd" --local --store s.db records d --filter note:half --json |
    sed -n 's/.*"note":\("[^"]*"\).*/\1/p')" 'pending null null true"half a no"'
open_screen
ok "and in the rule" screen_wait 'note: half a no'
screen_keys Enter
ok "Enter takes what is suggested" screen_wait '#1 submitted and saved'
end_it
is "what was saved is there after a kill" "$(state 1)" "submitted 4 Kind, 日本. true"
open_screen
screen_wait 'Question 2' >/dev/null
screen_keys '!' 2
ok "in fast mode one key submits" screen_wait '#2 submitted and saved'
end_it
is "the digit and the rest as suggested" "$(state 2)" "submitted 2 Kind, 日本. false"
open_screen
screen_wait 'Question 3' >/dev/null
screen_keys u
ok "undo after the restart brings the record back" screen_wait 'Undid submit of #2'
ok "as it was before the key" screen_wait '\(4\)'
screen_keys -H 3b
ok "the phrases are listed" screen_wait '1  long +Too long\.'
screen_keys 1
ok "and put behind what stands there" screen_wait 'Kind, 日本\. Too long\.'
ok "and saved" screen_wait 'draft saved'
end_it
"$sherd" --local --store s.db import in.jsonl --dataset e >/dev/null 2>&1
changed='#1 was submitted and is a draft since it was changed'
open_screen
screen_wait 'Question' >/dev/null
screen_keys Home
screen_wait 'Prompt #1' >/dev/null
screen_keys 2
screen_wait 'draft, was submitted' >/dev/null
screen_keys : o p e n Space e @ l o c a l Enter
ok "a changed answer is told of in the next dataset" screen_wait "$changed; .sherd review d@local --record "
screen_keys : o p e n Space d @ l o c a l Enter
screen_wait 'Prompt #1' >/dev/null
screen_keys q
ok "and when one quits" screen_wait "$changed; .sherd review d@local --record .* opens it"
is "it is a draft then" "$(state 1)" "draft 2 Kind, 日本. true"
is "a phrase makes a draft of all that is shown" "$(state 2)" "draft 4 Kind, 日本. Too long. false"
tap_end
