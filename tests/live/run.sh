#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Everything that needs real servers, as one stream of TAP: the main job through the
# terminal's keys, then the client, the sync and the model's programs in SHERD_LIVE_PROGRAMS
# (a folder). The servers are named as tests/live/main_job.sh says; what is not named is
# skipped. SHERD_LIVE_KRIPPENDORFF: a python that has the krippendorff package. Exit code 1
# when anything failed. SHERD_LIVE_DATASETS: a python that has the datasets package.
# SHERD_LIVE_MCP_STDIO and SHERD_LIVE_MCP_HTTP: commands of two MCP servers, the second over
# HTTP on $PORT. SHERD_LIVE_SDK: a python that has the argilla package 2.x.
set -u
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
programs=${SHERD_LIVE_PROGRAMS:?names the folder of the built live programs}
number=0
failed=0

# SIGTERM lets it clean up; a function of this file has no end of its own to wait for
within() {
    case $(type -t "$1") in
    function) "$@" ;;
    *) timeout -k 20 600 "$@" ;;
    esac
}
# part NAME COMMAND...: its lines with running numbers and its name in front; ten minutes at most
part() {
    local name=$1 line before=$number failed_before=$failed code=
    shift
    while IFS= read -r line; do
        case $line in
        '@exit '*) code=${line#@exit } ;;
        'not ok '* | 'ok '*)
            number=$((number + 1))
            # cmocka says "not ok" of what it skips
            [[ $line != 'not ok '*'# SKIP'* ]] || line=${line#not }
            [ "${line%% *}" = ok ] || failed=$((failed + 1))
            [[ $line =~ ^((not )?ok)\ [0-9]+\ *(.*)$ ]]
            echo "${BASH_REMATCH[1]} $number - $name: ${BASH_REMATCH[3]#- }"
            ;;
        1..0*SKIP*)
            number=$((number + 1))
            echo "ok $number - $name # SKIP ${line#*SKIP }"
            ;;
        1..* | TAP*) ;;
        '#'*) echo "$line" ;;
        *) echo "# $line" ;;
        esac
    done < <(within "$@" 2>&1; echo "@exit $?")
    if { [ "$code" != 0 ] && [ "$failed" -eq "$failed_before" ]; } || [ "$number" -eq "$before" ]; then
        number=$((number + 1))
        failed=$((failed + 1))
        echo "not ok $number - $name: ended with exit code $code"
    fi
}

part 'main job' "$here/main_job.sh"
for program in live_argilla live_sync live_llm; do
    if [ "$program" != live_llm ] && [ -n "${SHERD_LIVE_ARGILLA:-}" ]; then
        for url in $SHERD_LIVE_ARGILLA; do
            SHERD_LIVE_ARGILLA=$url part "$program $url" "$programs/$program"
        done
    else
        part "$program" "$programs/$program"
    fi
done
# serve_mcp COMMAND: in the background, at $mcp_url; streamable HTTP on $PORT
serve_mcp() {
    local port=$((20000 + RANDOM % 20000))
    # shellcheck disable=SC2086 # a command and its words
    PORT=$port $1 >/dev/null 2>&1 &
    mcp_pid=$!
    mcp_url=http://127.0.0.1:$port/mcp
    for _ in $(seq 100); do
        ! curl -s -o /dev/null "$mcp_url" || break
        sleep 0.1
    done
}
if [ -n "${SHERD_LIVE_MCP_HTTP:-}" ]; then
    serve_mcp "$SHERD_LIVE_MCP_HTTP"
    SHERD_LIVE_MCP_URL=$mcp_url part 'agents' "$programs/live_agent"
    kill "$mcp_pid"
else
    part 'agents' "$programs/live_agent"
fi
part 'a review by three users' "$here/review.sh"
part 'search and filters' "$here/search.sh"
part 'runs' "$here/runs.sh"
SHERD_CRASH_RUN=2000 part 'a run of 2,000 prompts, killed 20 times' "$programs/test_crash_run"
langchain_templates() {
    diff <("$SHERD_LIVE_LANGCHAIN" "$here/templates.py" <"$here/../fixtures/templates.json") "$here/../fixtures/templates.json" &&
        echo 'ok 1 - LangChain makes of the kept templates what is kept'
}
if [ -n "${SHERD_LIVE_LANGCHAIN:-}" ]; then
    part 'templates' langchain_templates
fi
if [ -n "${SHERD_LIVE_KRIPPENDORFF:-}" ]; then
    vectors=$(mktemp)
    "$SHERD_LIVE_KRIPPENDORFF" "$here/agreement.py" "$RANDOM" >"$vectors"
    SHERD_AGREEMENT_VECTORS=$vectors part 'alpha and the krippendorff package' "$programs/test_agreement"
    rm -f "$vectors"
    part 'stats of three users' "$SHERD_LIVE_KRIPPENDORFF" "$here/stats.py"
fi
part 'bulk, undo and delete' "$here/bulk.sh"
part 'three people on one dataset' python3 "$here/people.py"
part 'every type of question' "$here/questions.sh"
part 'import, clone and move' "$here/import.sh"
part 'suggestions and their answers' "$here/suggestions.sh"
part 'export and the datasets package' "$programs/live_export"
echo "1..$number"
[ "$failed" -eq 0 ]
