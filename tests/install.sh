#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What "make install" puts where, the links of its documents, and the completions in the shells
# that are there (real ones, on what was installed). Prints TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${SHERD_BIN:?names the built program}"
# shellcheck source-path=SCRIPTDIR source=support/tap.sh
. "$here/support/tap.sh"
# shellcheck source-path=SCRIPTDIR source=support/screen.sh
. "$here/support/screen.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEFILES OPENAI_API_KEY OPENAI_BASE_URL ARGILLA_API_URL ARGILLA_API_KEY DESTDIR
root=$screen_dir/root
# shellcheck disable=SC2317,SC2329 # ok calls it
install_it() {
    make -s -C "$(dirname "$SHERD_BIN")" install DESTDIR="$root" prefix=/usr zshcompletiondir=/usr/share/zsh/vendor-completions
}
ok "it installs" install_it

doc=$root/usr/share/doc/sherd
is "every link of an installed document leads to an installed file" "$(
    find "$doc" -name '*.md' | while read -r file; do
        grep -oE '\]\([^)#]+' "$file" | sed 's/^](//' | grep -vE '^(https?|mailto):' |
            while read -r target; do
                [ -e "$(dirname "$file")/$target" ] || echo "${file#"$doc/"}: $target"
            done
    done
)" ""
is "README is there" "$([ -s "$doc/README.md" ] && echo yes)" yes
if command -v man >/dev/null; then
    is "no line of the man page is wider than 80 columns" "$(
        LC_ALL=C MANWIDTH=80 man -l "$root/usr/share/man/man1/sherd.1" 2>/dev/null | col -bx | awk 'length > 80'
    )" ""
else
    skip "man is not installed"
fi

PATH=$root/usr/bin:$PATH
record=$(sherd log --local --prompt p --response r)
has "the installed program logs a record" "$record" '^[0-9a-f-]{36}$'

# shellcheck disable=SC2016,SC2317,SC2329 # other shells' words; try_shell calls them
{
# complete_bash WORD...: what bash offers for the last word
complete_bash() {
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sherd; printf "%s\n" "${COMPREPLY[@]}"' \
        "$root/usr/share/bash-completion/completions/sherd" "$@" 2>&1
}
complete_fish() {
    fish --no-config -c 'source $argv[1]; complete -C "$argv[2..]"' \
        "$root/usr/share/fish/vendor_completions.d/sherd.fish" "$@" 2>&1 | cut -f 1
}
}

# What help names is offered, so that a new option needs no line here.
options_of() { sherd help "$@" | sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort; }
commands() { sherd help | sed -n 's/^  sherd \([a-z]\{1,\}\).*/\1/p'; }
try_shell() { # NAME
    local command
    is "$1: every option of every command is offered" "$(
        for command in $(commands); do
            "complete_$1" sherd "$command" -- | sort | comm -13 - <(options_of "$command") | sed "s/^/$command /"
        done
    )" ""
    is "$1: every command is offered" "$("complete_$1" sherd '' | sort)" "$(commands | sort)"
    is "$1: record ids are offered" "$("complete_$1" sherd rate '')" "$record"
    is "$1: states are offered" "$("complete_$1" sherd records --status p)" pending
    is "$1: formats are offered" "$("complete_$1" sherd export --format c)" csv
    is "$1: files are offered" "$("complete_$1" sherd --store "$root/usr/share/doc/she" | sed 's,/$,,')" "$doc"
}
try_shell bash
if command -v fish >/dev/null; then
    try_shell fish
else
    skip "fish is not installed"
fi

if command -v zsh >/dev/null; then
    screen_start 100 24 "env PATH=$PATH zsh -f"
    screen_type "PS1='zsh> '; fpath=($root/usr/share/zsh/vendor-completions \$fpath); autoload -Uz compinit && compinit -D; clear"
    screen_keys Enter
    screen_wait '^zsh> *$' >/dev/null
    screen_type 'sherd outb'
    screen_keys Tab
    ok "zsh: a command is completed" screen_wait '^zsh> sherd outbox'
    screen_keys C-u
    screen_type 'sherd discard '
    screen_keys Tab
    ok "zsh: a record id is completed" screen_wait "^zsh> sherd discard $record"
    screen_keys C-u
    screen_type 'sherd run --conc'
    screen_keys Tab
    ok "zsh: an option is completed" screen_wait '^zsh> sherd run --concurrency'
    screen_keys C-u
    screen_type 'sherd records --status '
    screen_keys Tab
    ok "zsh: states are listed" screen_wait '^discarded +draft +pending +submitted'
    screen_stop
else
    skip "zsh is not installed"
fi
tap_end
