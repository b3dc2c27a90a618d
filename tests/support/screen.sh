# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A real terminal for tests: tmux on a socket of its own. Waits for conditions, never for time.
screen_dir=$(mktemp -d "${TMPDIR:-/tmp}/sherd-screen.XXXXXX")
screen_number=0
screen_socket=$screen_dir/tmux0
export HOME=$screen_dir/home XDG_CONFIG_HOME='' XDG_DATA_HOME='' XDG_STATE_HOME=''
export LC_ALL=C.UTF-8 TZ=UTC
mkdir -p "$HOME"

# nap SECONDS: between two looks at a condition. It makes no process: a shell that made thousands
# has waited for one of them for ever.
exec {screen_nap}<> <(:)
nap() { read -rt "$1" <&"$screen_nap" || true; }

screen_tmux() { command tmux -S "$screen_socket" -f /dev/null "$@"; }

if ! screen_tmux new-session -d true 2>/dev/null; then
    echo "1..0 # SKIP tmux is not installed, or no pseudo-terminal can be opened here"
    rm -rf "$screen_dir"
    exit 0
fi

# screen_start COLS ROWS COMMAND...
screen_start() {
    local cols=$1 rows=$2
    shift 2
    # a socket of its own: the server before may still be ending
    screen_number=$((screen_number + 1))
    screen_socket=$screen_dir/tmux$screen_number
    screen_tmux new-session -d -x "$cols" -y "$rows" "$*; echo \"[exit \$?]\"; exec cat"
    screen_tmux set-option -g window-size manual >/dev/null
    screen_tmux set-option -g default-terminal tmux-256color >/dev/null
    screen_tmux resize-window -x "$cols" -y "$rows"
}
screen_keys() { screen_tmux send-keys "$@"; }
screen_type() { screen_tmux send-keys -l -- "$1"; }
screen_paste() {
    screen_tmux set-buffer -- "$1"
    screen_tmux paste-buffer -p
}
screen_resize() { screen_tmux resize-window -x "$1" -y "$2"; }
screen_text() { screen_tmux capture-pane -p 2>&1; }
screen_styled() { screen_tmux capture-pane -p -e 2>&1; }

# screen_wait PATTERN [SECONDS]: until a line of the screen matches, at most 15 s.
screen_wait() {
    local deadline=$((SECONDS + ${2:-15}))
    until screen_text | grep -Eq -- "$1"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "the screen never showed: $1"
            screen_text
            return 1
        fi
        nap 0.03
    done
}
# screen_wait_gone PATTERN [SECONDS]
screen_wait_gone() {
    local deadline=$((SECONDS + ${2:-15}))
    while screen_text | grep -Eq -- "$1"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "the screen still shows: $1"
            screen_text
            return 1
        fi
        nap 0.03
    done
}
screen_pid() { pgrep -P "$(screen_tmux list-panes -F '#{pane_pid}')" -x sherd | head -1; }
screen_stop() { screen_tmux kill-server 2>/dev/null || true; }
screen_cleanup() { # those before have one, too
    local socket
    for socket in "$screen_dir"/tmux*; do
        command tmux -S "$socket" kill-server 2>/dev/null || true
    done
    rm -rf "$screen_dir"
}
trap screen_cleanup EXIT
