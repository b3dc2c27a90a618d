#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The headless commands end to end, without a server: the built program on a temporary
# HOME, --local, and its own demo endpoint. Prints TAP. SHERD_BIN names the program.

set -u
sherd=${SHERD_BIN:?SHERD_BIN names the program to test}
case $sherd in
/*) ;;
*) sherd=$PWD/$sherd ;;
esac

templates=$(cd "$(dirname "$0")/../data/templates" && pwd)
dir=$(mktemp -d) || exit 1
finish()
{
    for pid in $(jobs -pr); do # not of those that ended: their numbers may be others' by now
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    rm -rf "$dir"
}
trap finish EXIT

cd "$dir" || exit 1
unset OPENAI_API_KEY OPENAI_BASE_URL OPENAI_MODEL ARGILLA_API_URL ARGILLA_API_KEY \
    ARGILLA_WORKSPACE XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME SHERD_LOG NO_COLOR
export HOME=$dir LC_ALL=C.UTF-8 TZ=UTC

number=0
failed=0
# result WORDS: the last command's truth ($?) as a line of TAP
result()
{
    local truth=$?
    number=$((number + 1))
    if [ $truth -eq 0 ]; then
        echo "ok $number - $1"
    else
        failed=$((failed + 1))
        echo "not ok $number - $1"
        echo "# exit code $code"
        sed 's/^/# out: /' out
        sed 's/^/# err: /' err
    fi
}

code=0
# run ARGUMENTS: exit code in $code, output in the files out and err
run()
{
    timeout -k 1 60 "$sherd" "$@" >out 2>err </dev/null
    code=$?
}
# run_with INPUT ARGUMENTS: the same with standard input
run_with()
{
    local input=$1
    shift
    printf %s "$input" | timeout -k 1 60 "$sherd" "$@" >out 2>err
    code=${PIPESTATUS[1]}
}
is()
{
    [ "$code" -eq "$1" ]
}
out_has()
{
    grep -qF -- "$1" out
}
err_has()
{
    grep -qF -- "$1" err
}
silent()
{
    [ ! -s "$1" ]
}
# member NAME: of the JSON object on the first line of out
member()
{
    sed -n "1s/.*\"$1\":\\(\"[^\"]*\"\\|[^,}]*\\).*/\\1/p" out
}

# ---- help, version, usage ----

run --version
is 0 && grep -qE '^sherd [0-9]+\.[0-9]+\.[0-9]+$' out && silent err
result "--version prints one line"

run --help
is 0 && out_has "sherd rate RECORD [N]" && out_has "--workspace W" && silent err
result "--help lists commands and options"

run rate --help
is 0 && out_has "Usage: sherd rate RECORD [N] [OPTIONS]" && out_has "--feedback T"
result "--help of a command shows its own options"

run help records
is 0 && out_has "Usage: sherd records [DATASET]"
result "help COMMAND is the same"

run recrods
is 2 && err_has 'Did you mean “records”' && err_has 'sherd --help' && silent out
result "an unknown command is usage and names the nearest"

run ask --modle x hello
is 2 && err_has 'Did you mean --model'
result "an unknown option is usage and names the nearest"

run run prompts --repeat three
is 2 && err_has '--repeat takes a whole number'
result "a number is read strictly"

run --local --config missing.conf records
is 3 || is 1
err_has missing.conf
result "a configuration file that was named must be there"

mkdir -p .config/sherd
printf '[sherd]\ndatset = x\n' >.config/sherd/config
run --local records
is 3 && err_has 'config:2:'
result "a refused line of the configuration is named, exit 3"
rm .config/sherd/config

# ---- the store without a server ----

run --local dataset create
is 0 && out_has 'response-rating (rating 1 2 3 4 5, required)' &&
    out_has 'Field       prompt (text, required)' && err_has 'Created the dataset langchain-dataset'
result "dataset create says exactly what was created"

run --local dataset create
is 0 && err_has 'nothing was created'
result "dataset create again creates nothing"

run --local dataset list --json
is 0 && [ "$(wc -l <out)" -eq 1 ] && [ "$(member name)" = '"langchain-dataset"' ]
result "dataset list has it"

run --local dataset show
is 0 && out_has "You're asked to rate the quality of the response and provide feedback."
result "dataset show has the guidelines"

run --local dataset show nowhere
is 1 && err_has 'has no dataset nowhere' && err_has 'langchain-dataset' && silent out
result "an unknown dataset is refused with those there are"

run --local dataset make
is 2 && err_has 'create, list, show, move, forget or clone'
result "an unknown verb of dataset is usage"

run --local log --prompt 'Tell me a joke' --response 'Two sherds walk into a bar.' \
    --rating 4 --feedback 'short'
is 0 && grep -qE '^[0-9a-f]{8}-[0-9a-f-]{27}$' out
result "log prints the record's id"
first=$(cat out)

run --local records --json
is 0 && [ "$(member id)" = "\"$first\"" ] && [ "$(member status)" = '"submitted"' ] &&
    [ "$(member rating)" = 4 ] && [ "$(member feedback)" = '"short"' ] &&
    [ "$(member remote_id)" = null ] && [ "$(member completion)" = null ]
result "records --json has what was logged"

run_with $'from a pipe\nsecond line\n' --local log --prompt one --response - --json
is 0 && [ "$(member response)" = '"from a pipe\nsecond line"' ] &&
    [ "$(member status)" = '"pending"' ]
result "log reads standard input for one dash"

run --local log --prompt moved --response r --dataset other-place
run --local dataset move other-place nowhere
is 1 && err_has 'has no dataset nowhere. It has: ' && err_has 'other-place@local' &&
    err_has '“sherd dataset create nowhere” makes it.'
result "dataset move names what there is"
offered=0
for command in 'records' 'stats' 'export' 'dataset forget'; do
    # shellcheck disable=SC2086
    run --local $command other-palce
    [ "$code" -ne 0 ] && err_has 'Did you mean other-place?' && offered=$((offered + 1))
done
[ $offered -eq 4 ]
result "the nearest name of a dataset is offered"
run --local dataset move other-place nowhere@local
is 1 && err_has '“sherd dataset create nowhere --local” makes it.'
result "with the command that makes one where it is named"
run --local dataset clone other-place nowhere@local
is 2 && err_has 'name it nowhere, with --local' && run --local dataset list && ! out_has nowhere
result "a clone's name says not where it is"
run --local dataset show nowhere/other-place
is 1 && err_has 'has no dataset nowhere/other-place' && run --local dataset create nowhere@local && is 0 &&
    run --local dataset list && out_has nowhere && ! out_has nowhere@ && run --local dataset forget nowhere --yes && is 0
result "one that is made or shown says it"
run --dataset nowhere@local log --prompt p --response r
is 0 && run --local dataset list && out_has nowhere && ! out_has nowhere@ && run --local dataset forget nowhere --yes && is 0
result "and where one logs it is the place"

run --local dataset move other-place
is 2 && err_has 'needs FROM and TO'
result "dataset move needs both"

run --local dataset move other-place@local third-place
is 1
run --local dataset create third-place
run --local dataset move other-place@local third-place
is 0 && err_has 'Moved 1 record from other-place@local to third-place@local'
result "dataset move takes the records over"
run --local dataset move third-place third-place@local
is 2 && err_has 'the same dataset'
result "dataset move to itself is refused"
run --local records third-place
[ "$(wc -l <out)" -eq 1 ] && out_has moved
result "where they are then"
run --local records other-place
is 1
result "and nowhere else"
sed 's/"name": "response-feedback", "title"/"name": "why", "title"/' "$templates/guide.json" >unlike.json
sed 's/"questions": \[/&{"name": "more", "settings": {"type": "text"}},/' "$templates/guide.json" >wider.json
run --local dataset create unlike --from unlike.json
run --local dataset create wider --from wider.json
run --local log --prompt p --response r --rating 4 --feedback why --dataset narrow
run --local dataset move narrow unlike
is 1 && err_has 'Nothing is moved: unlike has other fields or questions.' &&
    err_has 'the question “response-feedback” is none of the dataset' && err_has '“sherd dataset clone narrow@local NAME”' &&
    run --local records narrow && [ "$(wc -l <out)" -eq 1 ]
result "dataset move takes nothing to where a part of it would be lost"
run --local dataset move third-place unlike
is 0 && run --local dataset move narrow wider && is 0 && run --local records wider --json && out_has '"response-feedback":{"value":"why"}'
result "it goes where all that the records have is asked"

run_with $'x\n\n' --local log --prompt one --response - --json --dataset ends
is 0 && [ "$(member response)" = '"x\n"' ]
result "and drops one newline at its end, not two"

run_with x --local log --prompt - --response -
is 2 && err_has 'Only one'
result "log refuses two dashes"

run --local log --prompt x
is 2 && err_has '--response'
result "log asks for what is missing"

run --local log --prompt ' ' --response r
is 2 && err_has 'The prompt is empty'
result "log refuses a blank prompt"
run_with $' \n\n' --local log --prompt p --response - --rating 3
is 2 && err_has 'The response is empty'
result "log refuses a blank response"

run --local log --prompt p --response r --rating 6
is 2 && err_has '“response-rating” does not take this rating: “6”. It takes 1 to 5.'
result "a rating outside the question is refused"

run --local log --prompt p --response r --feedback only
is 2 && err_has '“Rating” must be answered' && err_has '--draft'
result "a submit without the required answer is refused"

run --local records
[ "$(wc -l <out)" -eq 2 ]
result "what was refused is not in the store"

run --local log --prompt drafted --response r --feedback 'later' --draft --json
is 0 && [ "$(member status)" = '"draft"' ]
result "log --draft keeps an unfinished answer"

run --local log --prompt bad --response r --discard --json
is 0 && [ "$(member status)" = '"discarded"' ]
result "log --discard discards"

run --local records
is 0 && [ "$(wc -l <out)" -eq 4 ] && grep -q "^${first:0:13}  submitted       4  Tell me a joke$" out
result "records prints a row each, in order"

run --local rate "${first:0:13}" 3 --draft
run --local records --filter changed
is 0 && [ "$(cat out)" = "${first:0:13}  draft           3  Tell me a joke" ]
result "a draft with another value than the one submitted is a changed one"
run --local rate "${first:0:13}" 4

run --local stats
is 0 && out_has 'open for you' && out_has 'By person' && out_has 'Agreement needs two people'
result "stats says what the answers come to"

run --local stats --json
is 0 && [ "$(wc -l <out)" -eq 1 ] && [ "$(member open)" -gt 0 ] && out_has '"agreement":{"alpha":null'
result "stats --json is one object"

run --local stats no-such-dataset
is 1 && err_has no-such-dataset && silent out
result "stats of a dataset that is nowhere fails"

run --local records --status draft
is 0 && [ "$(wc -l <out)" -eq 1 ] && out_has drafted
result "records --status filters"

run --local records --filter 'draft length:1.. order:-inserted'
is 0 && [ "$(wc -l <out)" -eq 1 ] && out_has drafted
result "records --filter takes a line of terms"

run --local records --filter 'draft colour:red'
is 2 && err_has '--filter: At 7, "colour:red": there is no such term' && silent out
result "records refuses a filter at its place"

run --local records --search '/tell .* JOKE$/i'
is 0 && [ "$(wc -l <out)" -eq 1 ] && out_has 'Tell me a joke' &&
    run --local records --search later --json && is 0 && [ "$(wc -l <out)" -eq 1 ] && out_has drafted &&
    run --local records --search Later --filter draft && is 0 && silent out &&
    run --local records --search later --status submitted && is 0 && silent out
result "records --search finds words and patterns in texts and answers, within the rest"

run --local records --order -dataset
is 0 && [ "$(wc -l <out)" -eq 4 ] && tail -1 out | grep -q 'Tell me a joke$' &&
    run --local records --order dataset && tail -1 out | grep -q 'bad$'
result "records --order needs no filter"

run --local records --filter 'joke tell -storm order:rating,-length'
is 0 && [ "$(wc -l <out)" -eq 1 ] && out_has 'Tell me a joke' &&
    run --local records --filter 'prompt:joke' && [ "$(wc -l <out)" -eq 1 ] &&
    run --local records --filter 'response:joke' && silent out &&
    run --local records --order rating,-inserted && head -1 out | grep -q 'Tell me a joke$' &&
    run --local records --filter discardd && is 0 && silent out && err_has '(was "discardd" to be discarded?)' &&
    run --local records --filter -discardd && is 2 && err_has '--filter: At 2, "discardd": "discarded" perhaps'
result "a filter looks for words, and in one field; an order has several keys"

run --local records --search '/a(b/'
is 2 && err_has '--search: This is no pattern: missing closing parenthesis, behind its character 3.' && silent out &&
    run --local records --order sideways && is 2 && err_has '--order: At 1, "sideways": an order is dataset' &&
    run --local records --filter 'draft order:length' --order rating && is 2 &&
    err_has '--order: --filter has an order already.' &&
    run --local records --order meta.nothing && is 2 && err_has '--order: At 1, "meta.nothing": no record has' &&
    run --local records --filter 'draft meta.nothing:1' && is 2 && err_has '--filter: At 7, "meta.nothing:1": no record has' &&
    silent out
result "what --search, --order and --filter cannot do is refused at its place"

run --local records --status 'finished'
is 2 && err_has 'pending, draft, submitted or discarded'
result "records refuses an unknown status"

run --local rate "${first:0:8}" 2 --json
is 0 && [ "$(member rating)" = 2 ] && [ "$(member feedback)" = '"short"' ]
result "rate takes a start of the id and keeps the feedback"

run --local rate "${first:0:8}" 2x
is 2 && err_has '“response-rating” does not take this: “2x”. It takes 1 to 5.'
result "rate refuses what is not a number"

run --local rate zzzz 3
is 1 || is 2
! silent err
result "rate refuses what is no id"

run --local undo --json
is 0 && [ "$(member rating)" = 4 ] && err_has 'Taken back'
result "undo brings the former rating back"

run --local discard "$first" --json
is 0 && [ "$(member status)" = '"discarded"' ]
result "discard discards"

run --local undo --json
is 0 && [ "$(member status)" = '"submitted"' ]
result "undo takes a discard back"

run --local rate "$first" --note why --draft
is 2 && err_has '--draft needs an answer to keep as one' && run --local rate "$first" 3 --answer response-rating=5
is 2 && err_has '“response-rating” is answered twice.' && run --local rate "$first" --feedback a --answer response-feedback=b
is 2 && err_has '“response-feedback” is answered twice.'
result "rate passes over nothing that is said to it"
passed_over() { # option …
    run --local export "$@"
    is 2 && err_has "--${1#--} has no meaning for --format"
}
passed_over --pairs equal-prompt && passed_over --by mean --format csv && passed_over --order length --format openai-dpo && passed_over --json --format csv
result "export passes over no option of another format"

run --local rate "$first" 1 --draft --json
is 0 && [ "$(member changed)" = true ] && run --local export --format csv && out_has '"[""changed""]"' &&
    run --local undo --json && [ "$(member changed)" = false ]
result "a draft that was submitted is told as one"

run --local flag "$first" --json
is 0 && [ "$(member flagged)" = true ] && err_has Flagged && [ "$(member status)" = '"submitted"' ]
result "flag flags, and answers nothing"
run --local undo --json
is 0 && [ "$(member flagged)" = false ] && [ "$(member status)" = '"submitted"' ]
result "undo takes a flag back, and nothing else"
run --local rate "$first" --note 'ask "Kim"' --json
is 0 && [ "$(member status)" = '"submitted"' ] && err_has Noted && out_has '"note":"ask \"Kim\""' &&
    run --local records --filter note:kim --json && out_has "$first" && run --local records --search KIM && silent out
result "rate --note notes, and answers nothing"
run --local rate "$first" --note ' ' --json
is 0 && [ "$(member note)" = null ] && err_has 'The note is taken away.' && run --local undo --json && out_has '"note":"ask' && run --local flag "$first" --note why --json
is 0 && [ "$(member note)" = '"why"' ] && [ "$(member flagged)" = true ] && run --local undo && err_has 'Taken back: note.' && run --local undo
result "an empty note is none, undo has the one before, and flag takes one"
run --local undo --json
is 0 && [ "$(member note)" = null ] && [ "$(member status)" = '"submitted"' ]
result "undo takes a note back, and nothing else"
for option in note feedback answer; do
    run --local rate "$first" "--$option" $'response-feedback=a\xff'
    is 2 && err_has "The text of --$option is not UTF-8."
    result "rate --$option refuses what is no text"
done

run --local --dataset other undo
is 1 && ! silent err
result "undo without a change is a sentence"

run --local --dataset aside log --prompt p --response r --rating 4
aside=$(cat out)
run --local rate "${aside:0:8}" 3
is 0 && err_has "submitted, rating 3"
result "rate finds the dataset of an id"
run --local undo
is 0 && err_has "${aside:0:13}: submitted, rating 4"
result "undo takes back the last change, in whichever dataset"
run --local --dataset langchain-dataset rate "${aside:0:8}" 3
is 1 && err_has "in another dataset"
result "a dataset that is named is meant"
run --local dataset list
is 0 && ! out_has other
result "what only looked for a dataset leaves none"

run --local --dataset doomed log --prompt one --response r
one=$(cat out)
run --local --dataset doomed log --prompt two --response r
two=$(cat out)
run --local --dataset doomed log --prompt three --response r --rating 2
run --local delete "$one" "$aside"
is 1 && err_has "in another dataset" && run --local records doomed && [ "$(wc -l <out)" = 3 ]
result "delete of records of two datasets deletes nothing"
run --local delete "${one:0:8}" "$two" --json
is 0 && [ "$(member deleted)" = 2 ] && err_has '2 records deleted' && run --local records doomed && [ "$(wc -l <out)" = 1 ]
result "delete deletes those that are named"
run --local delete "$one"
is 0 && err_has 'No record is deleted' && err_has '1 deleted before'
result "delete of what is deleted says so"
run --local undo
is 0 && err_has ', of 2 records.' && ! err_has '0 more' && err_has 'The last of them:' && run --local records doomed && [ "$(wc -l <out)" = 3 ]
result "undo brings all of them back in one"
run --local --dataset doomed delete --filter pending
is 2 && err_has 'Delete 2 records of doomed?' && err_has '--yes' && run --local records doomed && [ "$(wc -l <out)" = 3 ]
result "delete --filter counts, and asks where somebody can be asked"
run --local --dataset doomed delete --filter pending --yes
is 0 && err_has '2 records deleted' && run --local records doomed && [ "$(wc -l <out)" = 1 ]
result "delete --filter --yes deletes what it finds"
run --local --dataset doomed delete --filter nosuch:1 --yes
is 2 && err_has '--filter: At 1' && run --local delete && is 2 && err_has 'needs the records'
result "delete without a record or a filter says what it needs"
run --local --dataset doomed log --prompt four --response 'a lamp'
for filter in '' ' ' 'order:length'; do
    run --local --dataset doomed delete --filter "$filter" --yes
    { is 2 && err_has "--filter: " && err_has "every record"; } || break
done
run --local records doomed
is 0 && [ "$(wc -l <out)" = 2 ]
result "delete refuses a filter that leaves nothing out"
run --local --dataset doomed delete --search lamp
is 2 && err_has 'Delete 1 record of doomed?' && run --local --dataset doomed delete --search nowhere --yes && is 0 && err_has 'No record is deleted' &&
    run --local --dataset doomed delete --search '/l.mp/' --status submitted --yes && is 0 && err_has 'No record is deleted' &&
    run --local --dataset doomed delete --search '/l.mp/' --filter pending --yes && is 0 && err_has '1 record deleted'
result "delete --search deletes what has it, and of that what --status and --filter leave"
run --local --dataset doomed delete --status submitted
is 2 && err_has 'Delete 1 record of doomed?' && run --local delete "$one" --search lamp && is 2 && err_has 'their ids, or a --filter, --search or --status' &&
    run --local --dataset doomed delete --status submitted --yes && is 0 && run --local records doomed && silent out && run --local undo
result "delete --status deletes that one, counted and asked as the others"

run --local outbox
is 0
result "outbox runs without a server"

run sync
is 3 && err_has 'ARGILLA_API_URL'
result "sync without a server says what to set"

run ask hello --local
is 3 && err_has 'OPENAI_BASE_URL'
result "ask without an endpoint says what to set"

run --local ask '  '
is 2 && err_has 'The prompt is empty'
result "a blank prompt is usage"

run_with $'\n \n' --local --endpoint demo run -
is 1 && err_has 'no prompt in standard input'
result "run says that its input holds no prompt"

printf 'one\ntwo\nthree\n' >three.txt
export OPENAI_API_KEY=sk-not-shown OPENAI_BASE_URL=http://192.0.2.1/v1
run --local ask hello --dataset plain
is 3 && err_has 'plain http' && err_has 'allow_plain_key' && err_has 'is kept as'
result "ask keeps a key off plain http, exit 3"

run --local run three.txt --dataset plain --concurrency 1
is 3 && err_has 'three.txt:1:' && ! err_has 'three.txt:2' && err_has '1 failed' &&
    err_has 'Stopped with 2 to go'
result "run stops at once when the key cannot be used, exit 3"
! grep -rqa sk-not-shown .local out err
result "the key is in no file and in no word"

printf '[endpoint x]\nurl = http://127.0.0.1:1\napi_key_cmd = false\n' >key.conf
OPENAI_BASE_URL='' run --config key.conf --endpoint x --local run three.txt --dataset plain
is 3 && err_has 'api_key_cmd' && err_has 'exit code 1'
result "run says why api_key_cmd gave no key, exit 3"

printf '[endpoint x]\nurl = http://127.0.0.1:1\napi_key_file = key.txt\n' >key.conf
echo sk-not-shown >key.txt
chmod 644 key.txt
OPENAI_BASE_URL='' run --config key.conf --endpoint x --local run three.txt --dataset plain
is 3 && err_has 'chmod 600 key.txt'
result "a key file that others can read is refused, by run too"
unset OPENAI_API_KEY OPENAI_BASE_URL

printf '[shred]\n' >bad.conf
run --config bad.conf --local records
is 3 && [ "$(cat err)" = 'sherd: bad.conf:1:2: there is no such section; did you mean [sherd]?' ]
result "a refused line ends with one mark"

for _ in 1 2 3; do
    "$sherd" --local log --prompt "$(head -c 30000 /dev/zero | tr '\0' p)" --response r \
        >/dev/null 2>&1
done
"$sherd" --local records 2>err | head -n 1 >out
code=${PIPESTATUS[0]}
is 0 && silent err && [ "$(wc -l <out)" -eq 1 ]
result "a reader that goes away is no failure"
"$sherd" --local --endpoint demo ask --no-log hello 2>err | head -n 1 >out
code=${PIPESTATUS[0]}
is 0 && silent err && [ "$(wc -l <out)" -eq 1 ]
result "nor while an answer that is kept nowhere streams"

"$sherd" --local records >/dev/full 2>err
code=$?
is 1 && err_has 'Standard output cannot be written'
result "a full disk behind standard output is"

[ "$(stat -c %a .local/share/sherd/store.db)" = 600 ]
result "the store is private"

[ ! -e .local/state/sherd/log ]
result "no log is written unasked"
run --log --local records
is 0 && [ "$(stat -c %a .local/state/sherd/log)" = 600 ]
result "--log writes one, private"

# ---- what is read: signals, marks, tables ----

# until CONDITION...: true as soon as it holds, false after ten seconds
until_true()
{
    local deadline=$((SECONDS + 10))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        read -rt 0.02 <> <(:)
    done
    return 0 # not what the last read came to
}
# whether a process is sherd by now and has its own handler for SIGINT
handles_signals()
{
    local mask
    [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$(basename "$sherd")" ] || return 1
    mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
    [ -n "$mask" ] && [ $((16#$mask & 2)) -ne 0 ]
}
has_ended()
{
    ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"
}
# stop_with SIGNAL PID: exit code in $code; 137 when the signal did not end it
stop_with()
{
    until_true handles_signals "$2"
    kill "-$1" "$2"
    until_true has_ended "$2" || kill -KILL "$2"
    wait "$2"
    code=$?
}

# as stop_with, for one that may be anywhere between two looks at its signals
stop_soon()
{
    until_true handles_signals "$2"
    until_true signalled "$1" "$2" || kill -KILL "$2"
    wait "$2"
    code=$?
}
signalled()
{
    has_ended "$2" || { { [ -s err ] || kill "-$1" "$2"; } && false; } # once it has spoken it ends
}

mkfifo waiting
echo 'Tell me a joke' >one.txt
head -c 300000 /dev/zero | tr '\0' x | "$sherd" --local log --prompt p --response - --dataset much >out 2>err
for signal in INT TERM HUP; do
    exec 9<>waiting # a writer that writes nothing
    OPENAI_BASE_URL=http://127.0.0.1:1/v1 "$sherd" --local ask - <waiting >out 2>err &
    stop_with $signal $!
    is 1 && silent out && err_has 'Stopped'
    result "$signal ends ask while it reads standard input"
    "$sherd" --local log --prompt p --response - --dataset signals <waiting >out 2>err &
    pid=$!
    until_true handles_signals "$pid"
    printf 'half an answer' >&9
    stop_with $signal "$pid"
    is 1 && silent out
    result "$signal ends log while it reads standard input"
    "$sherd" --local run - --dataset signals <waiting >out 2>err &
    stop_with $signal $!
    is 1 && err_has 'Stopped'
    result "$signal ends run while it reads standard input"
    exec 9>&-
    "$sherd" --local run waiting --dataset signals >out 2>err </dev/null &
    stop_with $signal $!
    is 1 && err_has 'Stopped'
    result "$signal ends run while it waits for a FIFO's writer"
    exec 9<>waiting
    "$sherd" --local run one.txt --template waiting --dataset signals >out 2>err </dev/null &
    stop_with $signal $!
    is 1 && err_has 'Stopped'
    result "$signal ends run while it waits for a template"
    exec 9>&-
    "$sherd" --local export much --output waiting >out 2>err </dev/null &
    stop_soon $signal $!
    is 1 && err_has 'Stopped'
    result "$signal ends export while it waits for a FIFO's reader"
    exec 9<>waiting # a reader that reads nothing
    "$sherd" --local export much >waiting 2>err </dev/null 9>&- &
    pid=$!
    head -c 1 <&9 >out
    stop_soon $signal "$pid"
    is 1 && err_has 'Stopped' && ! err_has 'Wrote'
    result "$signal ends export whose reader reads nothing"
    exec 9>&-
done
exec 9<>waiting
"$sherd" --local ask - <waiting >out 2>err &
pid=$!
until_true grep -qF 'Waiting for the end of the input; Ctrl-C stops.' err
result "input that does not come is said to be waited for"
stop_with INT "$pid"
exec 9>&-

run --local records signals
is 1 && err_has 'has no dataset'
result "nothing was logged of what was not read whole"

printf '[endpoint x]\nurl = http://127.0.0.1:1\napi_key_file = waiting\n' >fifo.conf
run --config fifo.conf --endpoint x --local ask hello --no-log
is 3 && err_has 'is not a file'
result "a FIFO is no key file"

printf '[endpoint x]\nurl = http://127.0.0.1:1\napi_key_cmd = sh -c "exec >&-; sleep 60"\n' >key.conf
for signal in INT TERM; do
    "$sherd" --config key.conf --endpoint x --local ask hello --no-log >out 2>err </dev/null &
    stop_with $signal $!
    is 1 && err_has 'was stopped'
    result "$signal ends a key command that closed its output and lives on"
done
rm key.conf fifo.conf

"$sherd" --local records langchain-dataset >&- 2>err
code=$?
is 0
result "standard output may be closed"
"$sherd" --local ask hello >&- 2>&- <&-
code=$?
is 3
result "all three may be closed"

run_with $'\xef\xbb\xbfone\r\ntwo\r\n' --local log --prompt p --response - --json --dataset marks
is 0 && [ "$(member response)" = '"one\ntwo"' ]
result "a mark at the start and CR at line ends are no text"

run_with $'caf\xe9\n' --local log --prompt p --response - --dataset marks
is 2 && err_has 'standard input:1:4: this is not UTF-8'
result "bytes that are no UTF-8 are refused with their place"

run --local log --prompt $'caf\xe9' --response r --dataset marks
is 2 && err_has 'not UTF-8'
result "and so in an option"

run --local records marks
[ "$(wc -l <out)" -eq 1 ]
result "what was refused so is not in the store"

run --local --endpoint demo run "$SHERD_DATA/plays.csv" --template "$SHERD_DATA/synopsis.txt" --dataset guide --json
is 0 && out_has '"prompt":"You are a playwright. Given the title of play, it is your job to write a synopsis for that title.\nTitle: Documentary about Bigfoot in Paris\nPlaywright: This is a synopsis for the above play:"'
result "the guide's chain runs with the demo's endpoint"
run --local --endpoint demo run "$SHERD_DATA/prompts.txt" --samples 3 --dataset guide --quiet
is 0 && err_has '6 logged' && [ "$(wc -l <out)" -eq 6 ]
result "the guide's list of prompts makes six records"
printf 'title,lang\n"Bigfoot\n""Paris""",en\nbroken\nMoon,fr\n' >rows.csv
run --local --endpoint demo run rows.csv --template 'On {title}:' --meta lang --dataset tables --json
is 1 && err_has 'rows.csv:4: this row has 1 column,' && err_has '2 logged' && err_has '1 bad row' &&
    out_has '"prompt":"On Bigfoot\n\"Paris\":"' && out_has '"lang":"fr"'
result "run puts the rows of a table into a template, names a bad one and goes on"
run --local --endpoint demo run rows.csv --template 'On {title}:' --strict --dataset tables2
is 1 && err_has 'rows.csv:4' && err_has 'Nothing was asked' && silent out
result "run --strict asks nothing when a row is bad"
run --local --endpoint demo run rows.csv --template 'On {heading}:' --dataset tables2
is 3 && err_has '{heading}' && err_has 'title, lang' && silent out
result "run names a variable that nothing gives"
run --local --endpoint demo run rows.csv --template 'On {title}:' --var x=1 --dataset tables2
is 3 && err_has 'no template uses it' && silent out
result "run names a variable that nothing uses"
run --local --endpoint demo run rows.csv --template 'On {title} }' --dataset tables2
is 3 && err_has '--template: 1:12: A single }' && silent out
result "a fault of a brace ends as a variable that nothing gives"
run --local --endpoint demo run rows.csv --template 'On {title:>8}{title!r:.3}:' --dry-run --dataset tables
is 1 && out_has "On     Moon'Mo:"
result "run writes values as Python formats strings"
run --local --endpoint demo run rows.csv --template 'On {title}:' --dry-run --model a --model b --dataset tables
is 1 && out_has 'On Moon:' && out_has '(b)' && err_has '2 prompts × 1 sample × 2 models = 4 answers'
result "run --dry-run shows the prompts and the count"
run --local --endpoint demo run rows.csv --template 'On {title}:' --then 'Review {output}' --dataset steps --json
is 1 && out_has 'Review ' && out_has '"prompt":"On Moon:"'
result "run asks the next step with the answer, and logs the last one"
gzip -c rows.csv | timeout -k 1 60 "$sherd" --local --endpoint demo run - --as csv --template 'On {title}:' \
    --dataset tables >out 2>err
code=${PIPESTATUS[1]}
is 1 && err_has '2 there already'
result "run knows the same rows again, packed and from a pipe"
printf '{"x":1}\n{"prompt":"direct"}\n' >odd.jsonl
run --local --endpoint demo run odd.jsonl --dataset odd --json
is 1 && err_has 'odd.jsonl:1: it has no "prompt"' && err_has '1 logged' && out_has '"prompt":"direct"'
result "a first row of JSON that is odd is a bad row, no bad file"
run --local --endpoint demo run odd.jsonl --template 'On {prompt}:' --meta prompt --dataset odd --json
is 1 && err_has 'odd.jsonl:1: ' && err_has '1 logged' && out_has '"prompt":"On direct:"'
result "and of a template's rows too"
run --local --endpoint demo run odd.jsonl --template 'On {y}:' --dataset odd
is 3 && err_has 'it has: x' && err_has 'Nothing was asked' && silent out
result "a template that no row of JSON fits is named"
run --local --endpoint demo run odd.jsonl --dataset odd --retry-failed
is 1 && err_has 'Nothing failed before' && ! err_has '0 logged'
result "run --retry-failed says that nothing failed"

run --local log --prompt p --response r --rating abc
is 2 && err_has '“response-rating” does not take this: “abc”. It takes 1 to 5.'
result "a rating that is no number is told what can be given"

run --local ask hi --temperature 10.5
is 2 && err_has '--temperature takes a number from 0 to 10; “10.5” is not one'
result "the temperature has one limit"

mkdir -p .config/sherd
printf '[sherd]\nendpoint = zzz\n[endpoint x]\nurl = http://127.0.0.1:1\n' >.config/sherd/config
run --local records
is 3 && err_has 'config:2:12: there is no section [endpoint zzz]'
result "an endpoint that no section describes is named with its line"

printf '[sherd]\nworkspace = argilla\n' >.config/sherd/config
run log --prompt p --response r --dataset spaces
run --json dataset show spaces
is 0 && [ "$(member workspace)" = '"local"' ]
result "the store's own datasets are in no server's workspace"
rm .config/sherd/config

run --server http://127.0.0.1:99999 --local records
is 2 && err_has 'exclude each other'
result "--server and --local exclude each other"
for address in 'http://127.0.0.1:99999' 'http://127.0.0.1:1/?x=1' 'http://127.0.0.1:1/#f'; do
    run --server "$address" sync
    is 3 && ! silent err && ! err_has 'holds no host'
    result "$address is no server"
done

SHERD_LOG=0 XDG_STATE_HOME=$dir/state run --local records
is 0 && [ ! -e state/sherd/log ]
result "SHERD_LOG=0 writes none"
SHERD_LOG=$dir/elsewhere.log run --local records
is 0 && [ "$(stat -c %a elsewhere.log)" = 600 ]
result "SHERD_LOG may name its place"

run doctor
{ is 0 || is 1; } && out_has store && out_has locale && ! silent out
result "doctor prints its checks"

missing=
for word in $("$sherd" --help | sed -n 's/^  sherd \([a-z]*\).*/\1/p') 'dataset move' 'dataset clone'; do
    sed -n '/^.SH SYNOPSIS/,/^.SH DESCRIPTION/p' "$templates/../sherd.1" | grep -q "sherd $word" || missing="$missing $word"
done
[ -z "$missing" ]
result "the manual's synopsis has every command$missing"

# ---- datasets from templates ----

for one in guide review preference; do
    run --local --store made.db dataset create "$one" --from "$templates/$one.json"
    is 0 && err_has "Created the dataset $one" && run --local --store made.db dataset show $one --json && mv out $one.json &&
        run --local --store made.db dataset create like-$one --from $one.json && is 0 &&
        run --local --store made.db dataset show like-$one --json && sed -i "s/like-$one/$one/" out && cmp -s out $one.json
    result "the template $one makes a dataset, and what show prints of it the same again"
done
out_has '"distribution"' || run --local --store made.db dataset show review --json
out_has '"min_submitted":2' && out_has '"metadata_properties":[{"name":"model"'
result "distribution and metadata properties are kept"
run --local --store made.db dataset show review
is 0 && out_has 'Metadata    total_time_ms (integer)' && out_has 'Answers     2 to each record'
result "and shown"
run --local --store made.db dataset create review --from guide.json
is 1 && err_has 'with other fields or questions'
result "another dataset of that name is not taken for it"
sed 's/"name":"review"/"name":"by-itself"/' review.json >named.json
run --local --store made.db dataset create --from named.json
is 0 && err_has 'Created the dataset by-itself'
result "a template's own name is taken where none is given"
run --local --store made.db --dataset given dataset create --from named.json
is 0 && err_has 'Created the dataset given'
result "a name that is given comes before the template's"
printf '{' >bad.json
run --local --store made.db dataset create bad --from bad.json
is 2 && err_has 'bad.json: Not valid JSON at line 1' && run --local --store made.db dataset list && ! out_has 'bad@'
result "a template that is refused makes nothing"
run --local --store made.db log --dataset guide --prompt p --response r --rating 3 --feedback f
run --local --store made.db rate "$(cat out)" --note n
run --local --store made.db dataset clone guide bare
run --local --store made.db dataset clone guide open --records
run --local --store made.db dataset clone guide all --answers
run --local --store made.db dataset clone guide all --answers
is 0 && err_has 'with 0 records' && run --local --store made.db records bare && silent out &&
    run --local --store made.db records open --status pending && [ "$(wc -l <out)" = 1 ] &&
    run --local --store made.db records all --status submitted --json && [ "$(wc -l <out)" = 1 ] && out_has '"feedback":"f"' && out_has '"note":"n"' &&
    run --local --store made.db records open --filter note && silent out
result "a clone has the records and answers that were asked for, each once"
run --local --store made.db dataset clone guide guide
is 2 && err_has 'are the same dataset'
result "a clone needs another name"

# ---- answers of every type, by the rules of the screen ----

cat >every.json <<'END'
{"fields":[{"name":"prompt","type":"text","required":true},{"name":"response","type":"text","required":true}],"questions":[
{"name":"score","required":true,"type":"rating","options":[0,1,2,3,4,5,6,7,8,9,10]},
{"name":"why","title":"Why so","type":"text"},
{"name":"tone","type":"label_selection","options":["warm","cold"]},
{"name":"faults","type":"multi_label_selection","options":[{"value":"long","text":"Too long"},{"value":"wrong","text":"Wrong"}]},
{"name":"order","type":"ranking","options":["a","b","c"]},
{"name":"parts","type":"span","field":"response","options":["person","place"]}]}
END
run --local --store made.db dataset create every --from every.json
run --local --store made.db --dataset every log --prompt p --response 'Ana Botín went to 東京だ.'
every=$(cat out)
answer() { run --local --store made.db rate "$every" "$@" --json; }
answer 10 --answer 'Why so=Dry, but = true.' --answer tone=WARM --answer 'faults=too long, wrong' --answer 'order=c, a = b' --answer parts=person:0-9,place:18-20
is 0 && out_has '"values":{"score":{"value":10},"why":{"value":"Dry, but = true."},"tone":{"value":"warm"},"faults":{"value":["long","wrong"]},"order":{"value":[{"value":"c","rank":1},{"value":"a","rank":2},{"value":"b","rank":2}]},"parts":{"value":[{"label":"person","start":0,"end":9},{"label":"place","start":18,"end":20}]}}' &&
    out_has '"status":"submitted"'
result "rate --answer takes every type"
answer --answer tone= --answer 'faults=["wrong"]' --answer 'order=[{"value":"b","rank":1}]' --draft
is 0 && out_has '"faults":{"value":["wrong"]},"order":{"value":[{"value":"b","rank":1}]}' && ! out_has tone && out_has '"status":"draft"'
result "it takes Argilla's JSON too, removes, and keeps a draft"
answer 3
is 2 && err_has '“Order” ranks only some; rank all or none; --draft keeps it unfinished.'
result "a submit that the server would refuse is refused"
answer_refused() { # ANSWER, WORDS
    answer --answer "$1"
    is 2 && err_has "$2" && run --local --store made.db records every --json && out_has '"score":{"value":10}'
    result "rate --answer refuses: $1"
}
answer_refused 'nice=1' 'The dataset has no question “nice”; it asks score, why, tone, faults, order, parts.'
answer_refused 'tone' 'An answer is QUESTION=VALUE; “tone” has no “=”.'
answer_refused 'score=11' '“score” does not take this rating: “11”. It takes 0 to 10.'
answer_refused 'score=x' '“score” does not take this: “x”. It takes 0 to 10.'
answer_refused 'tone=grim' '“tone” does not know this label: “grim”. It takes one of warm, cold.'
answer_refused 'faults=long,long' '“faults” has a label twice: “long,long”. It takes some, with commas between, of long, wrong.'
answer_refused 'order=a,d' '“order” ranks something that it does not know: “a,d”. It takes in their order,'
answer_refused 'parts=person:0' '“parts” does not take this: “person:0”. It takes LABEL:START-END, with commas between, in the 22 characters of “response”, of the labels person, place.'
answer_refused 'parts=person:20-40' '“parts” has a span that is not in its text'
answer_refused 'parts=person:0-4,place:3-5' '“parts” has two spans on the same letters'
answer --answer tone=warm --answer tone=cold
is 2 && err_has '“tone” is answered twice.'
result "one question is answered once"
sed 's/place"\]}/place"],"required":true}/' every.json >spans.json
run --local --store spans.db dataset create spans --from spans.json
run --local --store spans.db --dataset spans log --prompt p --response r --rating 3
is 0 && run --local --store spans.db records spans --json && out_has '"status":"submitted"' && out_has '"parts":{"value":[]}'
result "no span at all is the answer where spans are required"
answer --draft
is 2 && err_has '“sherd rate” needs a rating N, --answer, --feedback or --note.'
result "rate needs something to say"
run --local --store made.db undo
is 0 && run --local --store made.db undo && run --local --store made.db records every --json && out_has '"values":{}'
result "each of these is one undo step"
run --local --store made.db --dataset every log --prompt p --response Anna --answer score=7 --answer parts=person:0-4 --json
is 0 && out_has '"parts":{"value":[{"label":"person","start":0,"end":4}]}' && out_has '"status":"submitted"'
result "log takes answers of every type"

# ---- import: a file's records, each once ----

many_rows() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "{\"id\":\"row %d\",\"prompt\":\"p %d\",\"response\":\"r\",\"response-rating\":%d}\n", i, i, i % 5 + 1 }'; }
run --local log --dataset from --prompt 'What?' --response 'One' --rating 4 --feedback 'a, "b"'
run --local flag "$(cat out)"
run --local export from -o from.jsonl
run --local export from --format csv -o from.csv
run --local --store fresh.db import from.jsonl --dataset from
is 0 && err_has '1 record added to from, 0 there already' && run --local --store fresh.db export from && cmp -s out from.jsonl
result "import of an export into a new store brings it all back"
run --local --store fresh.db import from.csv --dataset from --json
is 0 && out_has '"added":0,"known":1'
result "the same records as CSV add nothing"
run_with "$(cat from.jsonl)" --local --store other.db import - --dataset from
is 0 && err_has '1 record added'
result "import - reads standard input"
printf '{"prompt":"p","response":"r"}\n{"prompt":"p"}\n{"prompt":"p","response":"r","response-rating":9}\n' >bad.jsonl
run --local --store other.db import bad.jsonl --dataset from
is 1 && err_has 'sherd: bad.jsonl:2: the field “response” is missing' &&
    err_has 'sherd: bad.jsonl:3: the question “response-rating”' && err_has '0 there already, 2 bad rows left out'
result "import names bad rows with their line, and adds the others"
printf 'prompt,response,response-rating,response-feedback.suggestion,response-feedback.suggestion.agent\np,r,4,good,critic\nq,r,,,\n' >plain.csv
run --local --store plain.db import plain.csv --dataset plain
is 0 && err_has '1 row came with an answer of yours: submitted' && run --local --store plain.db export plain &&
    out_has '"suggestions":{"response-feedback":{"value":"good","agent":"critic"}}'
result "import says which rows came with answers; a column suggests"
awk 'BEGIN { for (i = 0; i < 40; i++) print "{\"question\":\"q\",\"answer\":\"a\"}" }' >alien.jsonl
run --local --store other.db import alien.jsonl --dataset nowhere
is 1 && [ "$(grep -c 'alien.jsonl:' err)" = 10 ] && err_has '… and 30 more bad rows' && err_has 'The store has no dataset nowhere yet' &&
    err_has 'sherd dataset create nowhere --from TEMPLATE'
result "rows for a dataset that is not there name that as the cause"
printf '{"fields":[{"name":"question","type":"text","required":true},{"name":"answer","type":"text","required":true}],"questions":[{"name":"good","type":"rating","options":[1,2],"required":true}]}' >fits.json
run --local --store other.db import alien.jsonl --dataset 'my rows'
err_has "sherd dataset create 'my rows' --from TEMPLATE"
result "a name of two words is in quotes in a command to paste"
run --local --store other.db dataset create nowhere --from fits.json
is 0 && run --local --store other.db import alien.jsonl --dataset nowhere && is 0 && err_has '40 records added to nowhere'
result "what that sentence advises works"
run --local --store other.db import alien.jsonl --dataset from
is 1 && err_has 'alien.jsonl:1:' && ! err_has 'no dataset from yet'
result "rows that do not fit one that is there are named alone"
run_with 'Why?' --local --endpoint demo run - --samples 2 --dataset beside
rating=5
cut -d' ' -f1 out >ids
while read -r id; do
    run --local rate "$id" $rating </dev/null
    rating=1
done <ids
run --local export beside --format trl-preference -o pair.jsonl
run --local export beside -o beside.jsonl
tac beside.jsonl >backwards.jsonl
for file in beside backwards; do
    run --local import $file.jsonl --dataset $file-again
    is 0 && err_has '2 records added' && run --local import $file.jsonl --dataset $file-again &&
        err_has '0 records added' && run --local export $file-again --format trl-preference &&
        [ -s pair.jsonl ] && cmp -s out pair.jsonl
    result "what was asked together is so after import beside the original ($file)"
done
run --local import nowhere.jsonl
is 1 && err_has 'nowhere.jsonl cannot be opened'
result "import of a file that is not there is refused"
run --local import from.jsonl --as parquet
is 2
result "import --as of another kind is refused"
many_rows 3000 >many.jsonl
run --local --store full.db log --prompt p --response r --dataset note
note=$(cat out)
(
    trap '' XFSZ
    ulimit -f 48 # the flag has room, what is noted has none
    exec "$sherd" --local --store full.db flag "$note" --note "$(head -c 60000 /dev/zero | tr '\0' x)" >out 2>err </dev/null
)
code=$?
is 1 && err_has full && ! err_has Flagged && ! err_has Noted
result "a note that the disk has no room for is no success"
(
    trap '' XFSZ
    ulimit -f 600
    exec "$sherd" --local --store full.db import many.jsonl --dataset many >out 2>err </dev/null
)
code=$?
is 1 && err_has full && err_has 'The same command goes on'
result "a full disk ends import with a sentence"
run --local --store full.db import many.jsonl --dataset many
is 0 && run --local --store full.db records many && [ "$(wc -l <out)" = 3000 ]
result "and the same command goes on when there is room again"
for signal in INT KILL; do
    rm -f rows.db*
    "$sherd" --local --store rows.db import many.jsonl --dataset many >out 2>err </dev/null &
    pid=$!
    until [ "$(stat -c %s rows.db-wal 2>/dev/null || echo 0)" -gt 600000 ] || ! kill -0 $pid 2>/dev/null; do :; done
    kill -$signal $pid
    wait $pid 2>/dev/null
    code=$?
    run --local --store rows.db import many.jsonl --dataset many
    is 0 && run --local --store rows.db records many && [ "$(wc -l <out)" = 3000 ]
    result "import goes on after SIG$signal, each record once"
done
rm -f rows.db*
"$sherd" --local --store rows.db import many.jsonl --dataset many >/dev/null 2>&1 </dev/null &
pid=$!
run --local --store rows.db import many.jsonl --dataset many
is 0 && wait $pid && run --local --store rows.db records many && [ "$(wc -l <out)" = 3000 ]
result "two imports of one file at once add each record once"

# ---- export: a file that is there whole or not at all ----

nothing_beside() # that export left no part of a file in the folder
{
    [ -z "$(find "$1" -name '.*.??????')" ]
}
run --local log --dataset taken --prompt 'What?' --response 'One "1", two' --rating 4
run --local export taken
is 0 && [ "$(wc -l <out)" = 1 ] && out_has '"response":"One \"1\", two"' && err_has 'Wrote 1 record.'
result "export writes what records --json prints"
run --local export --dataset taken --format csv --status pending
is 0 && [ "$(wc -l <out)" = 1 ] && err_has 'Wrote 0 records; left out: 1 another status.'
result "export --format csv has a row of titles; --status says which records"
run --local export taken --filter 'rating:4' -o filtered.jsonl
is 0 && [ "$(wc -l <filtered.jsonl)" = 1 ] && grep -q '"filter": "rating:4"' filtered.jsonl.manifest.json &&
    run --local export taken --filter 'rating:..3' && is 0 && [ "$(wc -l <out)" = 0 ] && err_has 'Wrote 0 records' &&
    run --local export taken --search /what/ --order -dataset -o filtered.jsonl && is 0 &&
    grep -q '"search": "/what/".*"order": "-dataset"' <(tr '\n' ' ' <filtered.jsonl.manifest.json)
result "export --filter, --search and --order write what they ask for, and say so in the manifest"
mkdir there && echo old >there/old.jsonl && chmod 640 there/old.jsonl && ln -s old.jsonl there/link
run --local export taken --format trl-unpaired -o there/link
is 0 && silent out && err_has "Wrote 1 record to there/link." && [ -L there/link ] &&
    [ "$(cat there/old.jsonl)" = '{"prompt":"What?","completion":"One \"1\", two","label":true}' ] &&
    [ "$(stat -c %a there/old.jsonl)" = 640 ] && nothing_beside there
result "export -o replaces a file, behind a link too, and keeps its mode"
grep -q '"format": "trl-unpaired".*"left_out": \[$' there/old.jsonl.manifest.json &&
    grep -q '"written": 1, "counts": {}}$' there/old.jsonl.manifest.json
result "a manifest stands beside it"
(umask 027 && "$sherd" --local export taken --output=there/new.jsonl >out 2>err)
code=$?
is 0 && [ "$(stat -c %a there/new.jsonl)" = 640 ]
result "a new file has the mode that the shell would give it"
run --local export taken -o there/none/x.jsonl
is 1 && silent out && err_has 'none/x.jsonl cannot be written: No such file' && err_has 'name another file'
result "export says which folder is not there"
run --local export taken -o there
is 1 && err_has 'Is a directory'
result "export into a folder is refused"
if [ "$(id -u)" != 0 ]; then
    chmod 555 there
    run --local export taken -o there/old.jsonl
    chmod 755 there
    is 1 && err_has 'Permission denied' && [ "$(wc -l <there/old.jsonl)" = 1 ]
    result "a folder that cannot be written is said, and the file is as it was"
fi
run --local export taken -o /dev/full
is 1 && err_has '/dev/full cannot be written: No space left on device.' && {
    "$sherd" --local export taken >/dev/full 2>err
    code=$?
    is 1 && err_has 'Standard output cannot be written' && ! err_has Wrote
}
result "a full device is an error"
(ulimit -f 8 && "$sherd" --local --store "$PWD/limited.db" log --prompt p --response r >out 2>err)
code=$?
is 1 && err_has 'File too large'
result "a file at its limit is an error, and no signal's end"
run --local export taken --format parquet
is 2 && err_has 'jsonl, csv, trl-preference'
result "an unknown format is told the known ones"
run --local export nowhere
is 1 && err_has nowhere
result "export of a dataset that is not there is refused"
head -c 200000 /dev/zero | tr '\0' a | "$sherd" --local log --dataset taken --prompt long --response - >/dev/null
(
    trap '' XFSZ
    ulimit -f 100 # KiB: a full disk for what is longer
    exec "$sherd" --local export taken -o there/old.jsonl >out 2>err
)
code=$?
is 1 && err_has 'old.jsonl cannot be written: File too large.' &&
    [ "$(wc -l <there/old.jsonl)" = 1 ] && nothing_beside there &&
    grep -q trl-unpaired there/old.jsonl.manifest.json
result "a disk that fills up leaves the file and its manifest as they were"
"$sherd" --local export taken 2>err | head -c 1 >/dev/null
code=${PIPESTATUS[0]}
is 0 && silent err
result "a reader that goes away ends export without a word"
fill=$(dirname "$sherd")/tests/bench_fill
for signal in INT TERM; do
    [ -f many.db ] || "$fill" many.db many 20000
    "$sherd" --local --store many.db export many -o there/old.jsonl >out 2>err </dev/null &
    stop_with $signal $!
    is 1 && err_has 'Stopped: the file is as it was.' && [ "$(wc -l <there/old.jsonl)" = 1 ] && nothing_beside there
    result "$signal leaves the file as it was"
done
"$sherd" --local --store many.db records many >out 2>err </dev/null &
stop_with INT $!
is 1 && err_has 'Stopped after' && [ "$(wc -l <out)" -lt 20000 ]
result "INT ends a long list of records"
"$sherd" --local --store many.db --dataset many delete --filter -flag --yes >out 2>err </dev/null &
stop_with INT $!
is 1 && err_has 'Stopped.' && ! err_has deleted
result "INT ends a long search for what is to be deleted"
"$sherd" --local --store many.db dataset clone many half --records >out 2>err </dev/null &
stop_with INT $!
is 1 && err_has 'Stopped after' && err_has 'the same command goes on.' && ! err_has 'Created'
result "INT ends a long clone"
run --local --store many.db export many -o there/old.jsonl
is 0 && [ "$(wc -l <there/old.jsonl)" = 20000 ] && nothing_beside there
result "and then it is written whole"
"$sherd" --local --store rows.db import there/old.jsonl --dataset more >out 2>err </dev/null &
stop_with INT $!
is 1 && err_has 'left out. The same command goes on.' && ! err_has '20000 records'
result "INT ends a long import"
has_clone() { "$sherd" --local --store many.db records clone 2>&1 | grep -q pending; }
"$sherd" --local --store many.db dataset clone many clone --records >out 2>err </dev/null &
pid=$!
until_true has_clone
"$sherd" --local --store many.db dataset forget many --yes 2>&1
wait "$pid"
code=$?
is 1 && err_has 'many was forgotten here or moved meanwhile' && silent out
result "a clone of what is forgotten meanwhile is not called whole"
"$sherd" --local --store many.db records clone --json 2>err |
    (head -c 1 && "$sherd" --local --store many.db dataset forget clone --yes 2>&1 && cat) >/dev/null
code=${PIPESTATUS[0]}
is 1 && err_has 'clone was forgotten here or moved meanwhile'
result "neither is a list"
rm -f many.db*

# ---- with the demo endpoint ----

# serve TOKEN_MS: starts an endpoint; $url is its
serve()
{
    : >url
    "$(dirname "$sherd")/tests/serve_demo" "$1" >url 2>served &
    until_true test -s url
    url=$(head -n 1 url)
}

serve 0
case $url in
http://127.0.0.1:*/v1) true ;;
*) false ;;
esac
result "the endpoint for these tests prints its URL"

run --endpoint "$url" endpoints
is 0 && out_has openai-chat && out_has ' ok ' && silent err
result "endpoints lists what answers, with its models"

run --endpoint "$url" --json endpoints "$url"
is 0 && out_has '"answers":true' && out_has '"shutdown_date":null'
result "and as JSON, one of that name"

run --endpoint http://127.0.0.1:1/v1 endpoints
is 1 && out_has ' fail ' && out_has 'Nothing listens'
result "an endpoint that is away stands there with the reason"

printf '[endpoint of-a-long-name]\nkind = openai-completions\nurl = %s\n[endpoint x]\nurl = %s\n' "$url" "$url" >names.conf
run --config names.conf endpoints
is 0 && grep -q '^of-a-long-name  *openai-completions  ok' out && grep -q '^x                *openai-chat         ok' out
result "endpoints of names of any length stand in columns"

run endpoints nobody
is 1 && err_has 'no endpoint named "nobody"' && run endpoints http://joe:secret@127.0.0.1:1 &&
    is 3 && ! err_has secret
result "endpoints of an unknown name is refused, without the login of an address"
export OPENAI_BASE_URL=$url

run --local ask 'Tell me a joke' --dataset asked
is 0 && ! silent out && err_has 'Logged as'
result "ask prints the answer"

run --local records asked --json
is 0 && [ "$(wc -l <out)" -eq 1 ] && [ "$(member prompt)" = '"Tell me a joke"' ] &&
    [ "$(member state)" = '"done"' ]
result "ask logs the pair and how it came to be"

run --local ask 'Tell me a joke' --dataset asked --rating 5 --feedback good --json
is 0 && [ "$(member rating)" = 5 ] && [ "$(member status)" = '"submitted"' ]
result "ask --rating submits"

run --local ask 'Tell me a joke' --dataset asked --rating 9
is 2 && err_has 'does not take this'
result "ask refuses a bad rating before it asks"

run --local ask 'Tell me a joke' --no-log --dataset unlogged
is 0 && out_has canned && silent err
result "ask --no-log prints the answer"
"$sherd" --local ask 'Tell me a joke' --no-log 2>err | head -c 0
code=${PIPESTATUS[0]}
is 0 && silent err
result "a reader that goes away ends ask --no-log without a word"
run --local records unlogged
is 1 && err_has 'has no dataset unlogged'
result "ask --no-log keeps nothing"

run_with 'Tell me a joke' --local ask - --dataset asked
is 0 && ! silent out
result "ask reads standard input for a dash"

run_with $'One line.\n' --local ask 'Explain this' --dataset piped-in --json
is 0 && [ "$(member prompt)" = '"One line.\n\nExplain this"' ]
result "ask puts what is piped in before the prompt"

run_with $'One line.\n\n' --local ask 'Explain this' --dataset piped-in --json
is 0 && [ "$(member prompt)" = '"One line.\n\nExplain this"' ]
result "an empty line that is there is enough"

run_with '' --local ask 'Explain this' --dataset piped-in --json
is 0 && [ "$(member prompt)" = '"Explain this"' ]
result "an empty pipe adds nothing"

run --local ask 'Tell me a joke' --dataset limited --max-tokens 2
is 0 && err_has 'it ends at the token limit (max_tokens)'
result "ask says that the token limit cut the answer"

run --local ask 'Tell me a joke' --no-log --max-tokens 2
is 0 && ! silent out && err_has 'it ends at the token limit (max_tokens)'
result "ask --no-log says so too"

printf 'Tell me a joke\nTell me a poem\n' >two.txt
run --local run two.txt --dataset limited --max-tokens 2
is 0 && err_has '2 logged' && err_has '2 of the answers end at the token limit'
result "run says how many the token limit cut"

run --local ask 'Tell me a joke' --no-log --json
is 0 && [ "$(wc -l <out)" -eq 1 ] && [ "$(member prompt)" = '"Tell me a joke"' ] &&
    [ "$(member state)" = '"done"' ] && out_has '"response":"' && ! out_has '"id"'
result "ask --no-log --json prints prompt, response and completion"

run --local ask --dataset asked -- '--really?'
is 0
result "ask takes a prompt with a dash behind --"

printf 'Tell me a joke\n\nTell me a poem\n' >prompts.txt
run --local run prompts.txt --repeat 3 --dataset batch
is 0 && [ "$(wc -l <out)" -eq 6 ] && err_has '6 logged, 0 there already, 0 failed'
result "run logs two prompts three times"

run --local records batch
is 0 && [ "$(wc -l <out)" -eq 6 ] && [ "$(grep -c 'Tell me a joke' out)" -eq 3 ]
result "run made six records"

run --local run prompts.txt --repeat 3 --dataset batch
is 0 && silent out && err_has '0 logged, 6 there already, 0 failed'
result "run again repeats nothing"

run --local run prompts.txt --repeat 4 --dataset batch --json
is 0 && [ "$(wc -l <out)" -eq 2 ] && [ "$(member status)" = '"pending"' ]
result "run with more repeats adds what is missing"

run --local run prompts.txt --name again --dataset batch
is 0 && [ "$(wc -l <out)" -eq 2 ]
result "run with another name runs anew"

mkdir -p elsewhere
cp prompts.txt elsewhere/other.txt
run --local run elsewhere/other.txt --dataset batch
is 0 && silent out && err_has '0 logged, 2 there already, 0 failed'
result "the same prompts in another file are the same run"

run_with $'one\ntwo\n' --local run - --dataset piped
is 0 && [ "$(wc -l <out)" -eq 2 ]
result "run reads standard input"

run --local run missing.txt
is 1 && err_has missing.txt
result "run names a file that is not there"

printf 'good\nbad \377 byte\n' >bad.txt
run --local run bad.txt
{ is 1 || is 2; } && err_has 'bad.txt:2:'
result "run names line and column of bad bytes"

OPENAI_BASE_URL=http://127.0.0.1:1/v1 run --local run prompts.txt --dataset failing
is 1 && [ "$(grep -o 'prompts.txt:[0-9]' err | tr '\n' ' ')" = 'prompts.txt:1 prompts.txt:3 ' ] &&
    err_has '2 failed'
result "run names each failure with its line"

seq -f 'prompt %g' 40 >forty.txt
OPENAI_BASE_URL=http://127.0.0.1:1/v1 run --local run forty.txt --dataset hopeless --concurrency 4
is 1 && err_has 'Nothing more was asked.' && err_has 'the same command goes on'
result "run stops when it cannot succeed, exit 1"

run --local run prompts.txt --dataset failing
is 0 && err_has '2 logged'
result "run again finishes what failed"

serve 300
: >out # what is waited for is this one's
"$sherd" --local ask 'Tell me a joke' --dataset stopped --endpoint "$url" >out 2>err &
pid=$!
until_true test -s out
kill -INT "$pid"
wait "$pid"
code=$?
is 1 && err_has 'What came is kept as' && ! silent out
result "Ctrl-C ends ask and says that what came is kept"
part=$(cat out)

run --local records stopped --json
is 0 && [ "$(member state)" = '"cut"' ] && [ "$(member response)" = "\"$part\"" ] &&
    out_has '"finish_reason":"cancelled"'
result "the text that was shown is in the store, marked as cut off"

printf 'Tell me a joke\n' >one.txt
"$sherd" --local run one.txt --dataset beside --endpoint "$url" >first 2>&1 &
pid=$!
is_asked()
{
    "$sherd" --local records beside 2>&1 | grep -q joke
}
until_true is_asked
run --local run one.txt --dataset beside --endpoint "$url"
is 1 && silent out && err_has '0 logged, 0 there already, 1 being asked by another run'
result "run beside another that asks everything is not whole: exit 1"
kill -TERM "$pid"
wait "$pid"

rm -f out
"$sherd" --local run prompts.txt --dataset halted --concurrency 1 --endpoint "$url" >out 2>err &
pid=$!
until_true test -s .local/share/sherd/store.db-wal && until_true test -e out
kill -TERM "$pid"
wait "$pid"
code=$?
is 1 && err_has 'Stopped with'
! err_has 'prompts.txt:'
result "SIGTERM ends run, says what is to go, calls nothing failed"

run --local --workspace nope records
is 1 && err_has 'in the workspace nope. It has: ' && err_has 'without --workspace'
run --local --store nowhere/at/all.db records
is 1 && err_has 'There is no store nowhere/at/all.db. Check --store' && [ ! -e nowhere ]
result "a workspace or store that is not there is told with what to do"

# progress NAME OPTIONS: a run beside the others, its standard error in the file NAME
progress()
{
    "$sherd" --local --store "$1.db" run forty.txt --concurrency 1 --endpoint "$url" "${@:2}" >/dev/null 2>"$1" </dev/null &
}
printf 'sherd --local --store tty.db run forty.txt --concurrency 1 --endpoint %s "$@"\n' "$url" |
    sed "s|^sherd|exec '$sherd'|" >in_tty
progress quiet --quiet
script -qefc 'sh in_tty' over </dev/null >/dev/null 2>&1 &
script -qefc 'sh in_tty --plain --store plain.db' plain </dev/null >/dev/null 2>&1 &
progress lines
until_true grep -qE '^sherd: \[#* *\] [0-9]* of 40 done' lines
until_true grep -qE '^sherd: \[#* *\] [0-9]* of 40 done' plain
code=0
! grep -q $'\r\\[' plain && ! grep -q $'\r.' lines
result "run says how far it is, line by line, without a terminal and with --plain"
silent quiet
result "run --quiet does not"
until_true grep -q $'\r\\[[# ]*\\] [0-9]* of 40 done' over
! grep -q '^sherd: \[' over
result "on a terminal run writes over one line"
for pid in $(jobs -pr); do
    kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
done

serve 20
run --local --store moved.db log --prompt p --response r
progress moved --dataset moved
pid=$!
until_true grep -q '[1-9] of 40 done' moved && mv moved.db away.db
until_true grep -q 'moved.db was deleted or moved away' moved
result "run says at once that the store's file has gone"
mv away.db moved.db
before=$(grep -o '[0-9]* of 40 done' moved | tail -1)
goes_on() { [ "$(grep -o '[0-9]* of 40 done' moved | tail -1)" != "$before" ]; }
until_true goes_on
result "and goes on when it is there again"
[ "$(grep -c 'moved away' moved)" = 1 ]
result "it is said once"
kill -TERM "$pid"
wait "$pid"
"$sherd" --local --store gone.db --endpoint "$url" ask 'Tell me a long story' >story 2>err </dev/null &
pid=$!
until_true test -s story && mv gone.db went.db
wait "$pid"
[ $? = 1 ] && [ "$(grep -c 'moved away' err)" = 1 ] && err_has 'Not saved: The answer'
result "ask says once that the store's file has gone"

# ---- agents ----

president='Who was the first president of the United States of America?'
run_with "$president" --local --endpoint demo run - --agent --tool search --dataset agents
id=$(cat out)
is 0 && err_has '1 logged'
result "run --agent logs the guide's question without a network"
run --local records agents --json
out_has "\"prompt\":\"$president\"" && out_has '"response":"George Washington' && out_has '"tools":"search"' && ! out_has Thought
result "only the prompt and the final answer are the record"
run --local trace "$id"
is 0 && out_has 'call search:' && out_has 'first president of the United States, serving from'
result "trace prints what happened between"
run --local trace "${id%%-*}" --json
is 0 && [ "$(grep -o '"kind":"[a-z]*"' out | tr -d '\n')" = '"kind":"thought""kind":"call""kind":"result"' ]
result "trace --json prints an object a step"
run_with "$president" --local --endpoint demo run - --agent --tool search --dataset agents
is 0 && err_has '1 there already'
run_with "$president" --local --endpoint demo run - --dataset agents
is 0 && err_has '1 logged'
result "a run knows what an agent answered, and what was asked without one"
run --local trace "$(cat out)"
is 1 && err_has 'no agent wrote'
result "trace says that there are no steps"
run --local --endpoint demo ask "$president" --agent --tool search --steps 1 --dataset agents
err_has 'sherd: search {"query":"first president of the United States'
result "ask --agent tells the tool and what it is called with"
run --local --endpoint demo ask "$president" --agent --tool search --dataset agents --quiet
is 0 && ! err_has 'sherd: search' && out_has 'George Washington'
result "and not with --quiet"
run --local --endpoint demo ask "$president" --agent --tool search --steps 1 --dataset agents
is 0 && out_has 'Agent stopped due to iteration limit or time limit.' && err_has 'limit of steps (--steps raises it)'
result "a limit ends an agent as LangChain's does, and is named"
run --local --endpoint demo ask x --agent --tool nobody
is 3 && err_has 'no tool named "nobody"'
run --local --endpoint "$url" ask x --agent --tool search
is 3 && err_has "the demo's own"
result "tools that cannot be used are named before anything is asked"
mkdir -p .config/sherd
printf '[tool search]\ncommand = printf "found %%s" {query}\ndescription = Looks it up.\nconfirm = ask\n' >.config/sherd/config
run --local --endpoint demo ask "$president" --agent --tool search --dataset asked --json
run --local trace "$(member id | tr -d \")"
out_has 'user must allow it, and cannot be asked here'
result "a tool that asks is refused where nobody can be asked"
run --local --endpoint demo ask "$president" --agent --tool search --yes --dataset asked --json
run --local trace "$(member id | tr -d \")"
out_has 'found first president'
result "--yes allows it"
printf '[tool search]\ncommand = sh -c "trap : TERM INT; echo \$\$ >sleeper; while :; do sleep 1; done" {query}\ndescription = Sleeps.\n' >.config/sherd/config
"$sherd" --local --endpoint demo ask "$president" --agent --tool search --dataset asked >out 2>err </dev/null &
pid=$!
until_true test -s sleeper
kill -INT "$pid"
wait "$pid"
code=$?
is 1 && ! kill -0 "$(cat sleeper)" 2>err
result "Ctrl-C ends a tool that does not heed it"
rm -r .config/sherd

echo "1..$number"
[ "$failed" -eq 0 ]
