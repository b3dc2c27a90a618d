#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Decisions of every kind on a real terminal, the program killed again and again: undo takes each back as one
# step, redo brings each again, and what the store has then is what it had. Needs SHERD_BIN. Prints TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/e2e.sh
. "$here/support/e2e.sh"
cat >every.json <<'END'
{"fields":[{"name":"prompt","type":"text","required":true},{"name":"response","type":"text","required":true}],"questions":[
{"name":"score","required":true,"type":"rating","options":[0,1,2,3,4,5,6,7,8,9,10]},
{"name":"why","type":"text"},
{"name":"faults","type":"multi_label_selection","options":["long","wrong","rude"]},
{"name":"order","type":"ranking","options":["a","b"]},
{"name":"parts","type":"span","field":"response","options":["person","place"]},
{"name":"response-correction","type":"text"}]}
END
id() { echo "00000000-0000-4000-8000-00000000000$1"; }
for n in 1 2 3 4 5; do
    more=''
    [ $n != 2 ] || more=',"suggestions":{"score":{"value":7},"order":{"value":[{"value":"b","rank":1},{"value":"a","rank":2}]}}'
    [ $n != 5 ] || more=",\"completion\":{\"state\":\"done\",\"parent_id\":\"$(id 4)\"}"
    printf '{"id":"%s","fields":{"prompt":"%s","response":"Ana %s went home."}%s}\n' "$(id $n)" \
        "$([ $n -lt 4 ] && echo "Question $n" || echo 'Question 4')" $n "$more"
done >in.jsonl
printf '[sherd]\nsuggestions = show\n' >config
run() { "$sherd" --local --store s.db --config config "$@"; }
run dataset create d --from every.json >/dev/null 2>&1
run import in.jsonl --dataset d >/dev/null 2>&1
# All that a person decided, without the times.
state() { run export d --format jsonl 2>/dev/null | sed 's/"updated_at":[^,]*,//; s/"viewing":{[^}]*},//; s/"viewing":null,//'; }
# Each key for itself: several that come at once are taken for a paste.
press() {
    local key
    for key in "$@"; do
        screen_keys "$key"
        read -rt 0.04 <> <(:) || true
    done
}
open_screen() {
    screen_start 100 40 "$sherd" --local --store s.db --config config --dataset d
    screen_wait 'Prompt #' >/dev/null
}
kill_it() {
    kill -9 "$(screen_pid)"
    screen_wait '\[exit 137\]' >/dev/null
    open_screen
}
forget() { # the last sentence
    press Left
    screen_wait_gone 'Undid|Redid' >/dev/null
}
steps=0
names=()
state >state.0
# decide NAME PATTERN KEY...: one decision, which is seen then
decide() {
    local name=$1 pattern=$2
    shift 2
    press "$@"
    ok "$name" screen_wait "$pattern"
    steps=$((steps + 1))
    names[steps]=$name
    state >state.$steps
    ! cmp -s state.$steps state.$((steps - 1)) || fail "$name is a change"
    [ $((steps % 3)) != 0 ] || kill_it
}

open_screen
decide 'a ten in two digits' '\[10\]' 1 0
decide 'a label' '\[1 long\]' 1
press Tab Tab
screen_wait '1 person' >/dev/null
decide 'a span' '\[Ana\|person\]' 1
press f
screen_type 'déjà vu'
decide 'a text' 'draft saved' Escape
decide 'a submit' '#1 submitted and saved' Enter
screen_wait 'Question 2' >/dev/null
decide 'suggestions' 'Taken: 2 suggested' A
decide 'a submit of them' '#2 submitted and saved' Enter
screen_wait 'Question 3' >/dev/null
decide 'a flag' '#3 is flagged' b
press E
screen_type ' So it was.'
decide 'a correction' 'draft saved' Escape
decide 'a discard' '#3 discarded and saved' d
screen_wait 'Question 4' >/dev/null
press c
screen_wait 'better' >/dev/null
decide 'a choice' 'is better, saved' 1
press Escape
press :
screen_type 'bulk rate 3 submit'
press Enter
screen_wait 'y: yes' >/dev/null
decide 'a bulk change' '5 records given Score 3' y
press Home
screen_wait 'Prompt #1' >/dev/null
press Delete
screen_wait 'y: yes' >/dev/null
decide 'a deletion' '1 record deleted' y
is "so many decisions, each a change of the store" "$steps" 13

for ((at = steps; at > 0; at--)); do
    press u
    screen_wait 'Undid' >/dev/null
    is "undo: ${names[at]}" "$(state)" "$(cat state.$((at - 1)))"
    if ((at % 3 == 1)); then kill_it; else forget; fi
done
press u
ok "then nothing is left to undo" screen_wait 'nothing to undo'
kill_it
for ((at = 1; at <= steps; at++)); do
    press C-r
    screen_wait 'Redid' >/dev/null
    is "redo: ${names[at]}" "$(state)" "$(cat state.$at)"
    if ((at % 4 == 1)); then kill_it; else forget; fi
done
press C-r
ok "then nothing is left to redo" screen_wait 'nothing to redo'
tap_end
