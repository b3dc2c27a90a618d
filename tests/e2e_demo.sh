#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sherd demo` on a real terminal (tmux), as a person uses it: keys, paste, resize, kill.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/e2e.sh
. "$here/support/e2e.sh"

screen_start 80 24 "$sherd" demo
ok "the demo opens on a record" screen_wait 'Prompt #1 '
has "it says what it is" "$(screen_text)" 'demo'
has "it says what to do next" "$(screen_text)" '1.5 rate'

screen_keys 4
ok "a digit rates" screen_wait '\[4\]'
ok "the rating is saved as a draft" screen_wait 'saved'
screen_keys 4
ok "the same digit clears" screen_wait_gone '\[4\]'
screen_keys 2
screen_wait '\[2\]'

screen_keys f
screen_type 'Digits 12345 and qd letters are text.'
ok "typing is its own mode" screen_wait 'Digits 12345 and qd letters are text\.'
ok "it is saved while typing" screen_wait 'saved'
screen_keys Escape
screen_keys Enter
ok "Enter submits and goes on" screen_wait 'Prompt #2 '
screen_keys u
ok "undo goes back across the submit" screen_wait 'Prompt #1 '
has "the rating is still there" "$(screen_text)" '\[2\]'
ok "and it is a draft again" screen_wait 'draft'
screen_keys C-r
ok "redo submits again" screen_wait 'submitted'

screen_keys d
ok "an answer can be discarded" screen_wait 'Prompt #[2-9] '
screen_keys u
ok "and brought back" screen_wait 'Prompt #1 '

screen_keys Z
ok "a key without a meaning says so" screen_wait '\?'
screen_paste '345d'
ok "a paste is no command" screen_wait '[Pp]aste'
has "it rated nothing" "$(screen_text)" '\[2\]'

screen_keys i
screen_paste 'first line
second line'
ok "a paste into the prompt keeps its lines" screen_wait 'second line'
screen_keys Enter
ok "the new record takes the screen" screen_wait 'first line'
ok "the answer streams in, labelled as canned" screen_wait '[Cc]anned' 30
ok "with its first words" screen_wait 'tok' 30
screen_keys 5
ok "it can be rated" screen_wait '\[5\]'

for key in '?' I g; do
    screen_keys "$key"
    screen_wait_gone 'Rating \*' || true
    has "$key opens a page" "$(screen_text)" '.'
    screen_keys Escape
    ok "Esc closes the page of $key" screen_wait 'Rating \*'
done
screen_keys m
ok "m shows the raw text" screen_wait 'raw'
screen_keys m

screen_type ':'
screen_type 'goto 2'
screen_keys Enter
ok ":goto moves" screen_wait 'Prompt #2 '
screen_type ':'
screen_type 'nonsense'
screen_keys Enter
ok "an unknown command is named" screen_wait 'nonsense'

for size in '200 60' '120 40' '40 10' '80 24'; do
    # shellcheck disable=SC2086 # two words
    screen_resize $size
    ok "it fits $size" screen_wait 'Prompt #2'
done
screen_resize 30 8
ok "below 40x10 it is a plain sentence" screen_wait '40'
screen_keys 1 d
screen_resize 80 24
ok "and comes back" screen_wait 'Prompt #2 '
has "nothing was done behind it" "$(screen_text)" 'pending'
screen_keys y
ok "in tmux copying says what to set" screen_wait 'set -g set-clipboard on'

screen_keys q
ok "q leaves, exit 0" screen_wait '\[exit 0\]'
lacks "the screen is put back" "$(screen_text)" 'Prompt #'
screen_stop

# A terminal that does not mark a paste: a burst of several lines is one all the same.
screen_paste_bare() {
    screen_tmux set-buffer -- "$1"
    screen_tmux paste-buffer
}
lines='Which of these is best?
1. red
4. blue, quickly
'
screen_start 80 24 "$sherd" demo
screen_wait 'Prompt #1 '
screen_paste_bare "$lines"
ok "a bare burst does nothing and says so" screen_wait '[Pp]aste'
has "it rated and opened nothing" "$(screen_text)" 'pending'
screen_keys i
screen_wait 'New prompt'
screen_paste_bare "$lines"
ok "in the prompt it is text, and not sent" screen_wait '4\. blue, quickly'
has "its lines stay" "$(screen_text)" '^ Which of these is best\?$'
screen_keys Escape
screen_wait 'r again'
screen_keys f
screen_wait 'Esc done'
screen_paste_bare "$lines"
ok "in the feedback it is text" screen_wait 'blue, quickly'
screen_keys Escape
screen_wait 'r again'
screen_keys 4 Enter 3 Enter 5 Enter
ok "keys of a fast hand are keys" screen_wait '3 of 9 done'
screen_keys q
ok "q leaves" screen_wait '\[exit 0\]'
screen_stop

# An editor has the terminal: INT and QUIT are its.
cat >"$screen_dir/editor" <<'END'
#!/bin/sh
echo 'from the editor' >>"$1"
echo 'EDITOR IS UP'
[ -n "${WAITS:-}" ] || exit 0
while :; do sleep 1; done
END
chmod +x "$screen_dir/editor"
mkdir "$screen_dir/tmp"
screen_start 80 24 env TMPDIR="$screen_dir/tmp" XDG_RUNTIME_DIR= WAITS=1 VISUAL="$screen_dir/editor" "$sherd" demo
screen_wait 'Prompt #1 '
for key in C-c "C-\\"; do
    screen_keys f
    screen_type 'kept'
    screen_keys C-x
    screen_wait 'EDITOR IS UP'
    screen_keys "$key"
    ok "$key in the editor does not end sherd" screen_wait 'was ended by signal'
    has "the box is as it was" "$(screen_text)" 'Feedback +kept'
    screen_keys Escape
    screen_wait 'r again'
done
has "what it wrote is kept" "$(cat "$screen_dir"/tmp/sherd-??????/text.md)" 'from the editor'
screen_keys q
screen_stop
screen_start 80 24 env VISUAL="$screen_dir/editor" "$sherd" demo
screen_wait 'Prompt #1 '
screen_keys i
screen_type 'Tell me a joke'
screen_keys C-x Enter
ok "Ctrl-X Enter typed fast sends" screen_wait '0 of 10 done'
has "what was edited" "$(screen_text)" '^ from the editor'
screen_keys q
screen_stop

# The store outlives kill -9 in mid-sentence.
store=$screen_dir/store.db
"$sherd" log --prompt 'What is clay?' --response 'Earth and water.' --local --store "$store" >/dev/null
screen_start 80 24 "$sherd" --local --store "$store"
ok "the store's record is there" screen_wait 'What is clay'
screen_keys f
screen_type 'half a sen'
ok "the words are saved" screen_wait 'saved'
kill -9 "$(screen_pid)"
screen_wait '\[exit 137\]'
screen_stop
screen_start 80 24 "$sherd" --local --store "$store"
ok "after kill -9 the half sentence is there" screen_wait 'half a sen'
kill -TERM "$(screen_pid)"
ok "SIGTERM ends it cleanly" screen_wait '\[exit [0-9]+\]'
lacks "and puts the screen back" "$(screen_text)" 'What is clay'
screen_stop

# The first interrupt stops the answer, the next one sherd; quitting says what it stopped.
screen_start 80 24 "$sherd" demo --token-ms 400
screen_wait 'Prompt #1 '
screen_keys i
screen_type 'A long one, please'
screen_keys Enter
screen_wait 'x stop'
kill -INT "$(screen_pid)"
ok "an interrupt stops the answer" screen_wait_gone 'x stop'
has "and sherd goes on" "$(screen_text)" 'Prompt #'
screen_keys r
screen_wait 'x stop'
kill -TERM "$(screen_pid)"
ok "quitting says how many answers were stopped" screen_wait '1 answer was still being written and was stopped; what came is kept.'
screen_stop

# Two screens on one store: each sees what the other does.
screen_start 80 24 "$sherd" --local --store "$store"
screen_wait 'What is clay'
"$sherd" log --prompt 'What is a sherd?' --response 'A piece of it.' --local --store "$store" >/dev/null
ok "what another process adds is counted" screen_wait 'of 2'
screen_keys q
screen_wait '\[exit 0\]'
screen_stop

screen_start 80 24 env NO_COLOR=1 "$sherd" demo
screen_wait 'Prompt #1 '
lacks "NO_COLOR means no colour" "$(screen_styled)" $'\033\\[[0-9;]*(3[0-7]|9[0-7]|38;|4[0-7]|48;)[0-9;]*m'
screen_keys q
screen_stop

# look SETTING [VARIABLE=VALUE]: what the terminal gets with it, in $look and $mouse
look() {
    printf '[sherd]\n%s\n' "$1" >"$screen_dir/look.conf"
    screen_start 80 24 env "${2:-A=}" "$sherd" --config "$screen_dir/look.conf" demo
    screen_wait 'Prompt #1 '
    look=$(screen_styled)
    mouse=$(screen_tmux display-message -p '#{mouse_any_flag}')
    screen_stop
}
colours=$'\033\\[[0-9;]*(3[0-7]|9[0-7]|38;|4[0-7]|48;)[0-9;]*m'
look 'theme = dark'
dark=$look
has "colours are used" "$look" "$colours"
is "the wheel and the mouse are ours" "$mouse" 1
look 'theme = light'
has "a light theme has colours, too" "$look" "$colours"
ok "and others" test "$look" != "$dark"
look 'colour = never'
lacks "colour = never is heeded" "$look" "$colours"
look 'colour = always' NO_COLOR=1
has "colour = always, too" "$look" "$colours"
look 'mouse = no'
is "so is mouse = no" "$mouse" 0
look 'ascii = yes'
lacks "and ascii = yes" "$look" '─'
look 'plain = yes'
lacks "and plain = yes" "$look" '─'

screen_start 80 24 bash --norc -i
screen_type "$sherd demo"
screen_keys Enter
screen_wait 'Prompt #1 '
screen_keys C-z
ok "Ctrl-Z gives the shell back" screen_wait 'Stopped'
screen_type 'fg'
screen_keys Enter
ok "fg brings it back" screen_wait 'Prompt #1 '
screen_keys 3
ok "and it works" screen_wait '\[3\]'
screen_keys q
screen_stop

tap_end
