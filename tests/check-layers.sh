#!/bin/sh
# SPDX-License-Identifier: MIT
# The arrows of docs/architecture.md, the owners of libraries, the banned calls and the
# size budget, checked on the source text. Prints TAP.
set -u
top=${srcdir:-$(dirname "$0")/..}
cd "$top" || exit 99
number=0
failed=0
report() { # name, findings
    number=$((number + 1))
    if [ -z "$2" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
        failed=1
    fi
}

may_include() { # layer -> the layers its includes may name
    case $1 in
    base) echo "base" ;;
    event) echo "base event" ;;
    text) echo "base text" ;;
    model) echo "base text model" ;;
    json) echo "base text model json" ;;
    net) echo "base text net" ;;
    demo) echo "base text json demo" ;;
    store) echo "base text model json store" ;;
    config) echo "base text event model json net config" ;;
    llm) echo "base text model json net config llm" ;;
    argilla) echo "base text model json net argilla" ;;
    sync) echo "base text model json net store argilla sync" ;;
    app) echo "base text event model json net demo store config llm argilla sync app" ;;
    ui) echo "base text event model json net store config llm argilla sync app ui" ;;
    cli) echo "base text event model json net demo store config llm argilla sync app cli" ;;
    term) echo "base text event term" ;;
    *) echo "" ;;
    esac
}

arrows=$(for layer in src/*/; do
    layer=$(basename "$layer")
    allowed=" $(may_include "$layer") "
    for file in src/"$layer"/*.[ch]; do
        [ -e "$file" ] || continue
        grep -n '^ *# *include *"' "$file" | grep -v '"config.h"' |
            sed 's/^\([0-9]*\):.*"\(.*\)".*/\1 \2/' |
            while read -r line path; do
                case $allowed in
                *" ${path%%/*} "*) ;;
                *) echo "$file:$line: $layer may not include $path" ;;
                esac
            done
    done
done)
report "an include only points left" "$arrows"

# x.c and x.h are one module; a module may not reach itself through others.
cycles=$(perl -e '
    for my $file (glob "src/*/*.[ch] src/*.[ch]") {
        (my $module = $file) =~ s/\.[ch]$//;
        open my $in, "<", $file or die;
        while (<$in>) {
            next unless /^\s*#\s*include\s*"([^"]+)\.h"/ && -e "src/$1.h";
            $uses{$module}{"src/$1"} = 1 if "src/$1" ne $module;
        }
    }
    sub reach {
        my ($from, $seen) = @_;
        for my $to (keys %{$uses{$from}}) { reach($to, $seen) unless $seen->{$to}++ }
    }
    for my $module (sort keys %uses) {
        my %seen;
        reach($module, \%seen);
        print "$module reaches itself\n" if $seen{$module};
    }')
report "no include cycle" "$cycles"

owner() { # what, include pattern, the layers that may
    found=$(grep -rnE "^ *# *include *<($2)>" src --include='*.[ch]' | grep -vE "^src/($3)/")
    report "$1 is seen only by $3" "$found"
}
owner curses '(ncursesw/)?n?curses\.h|term\.h' term
owner curl 'curl/.*' net
owner sqlite3 'sqlite3\.h' store
owner libuv 'uv\.h' 'base|demo'
owner libmicrohttpd 'microhttpd\.h' demo
owner jansson 'jansson\.h' 'json|store|llm|argilla|sync|app|cli|demo'

curses_files=$(grep -lE '^ *# *include *<(ncursesw/)?n?curses\.h>' src/term/* 2>/dev/null)
[ "$(printf '%s\n' "$curses_files" | wc -l)" -le 2 ] && curses_files=
report "at most two files include curses" "$curses_files"

# Code without comments and strings, so that words in them do not count.
bare() {
    perl -0pe 's{/\*.*?\*/}{ my $c = $&; $c =~ s/[^\n]//g; $c }gse; s/"(\\.|[^"\\\n])*"/""/g' "$1"
}
banned='strcpy|strcat|sprintf|vsprintf|strncpy|gets|atoi|atol|atof|strtok|scanf|sscanf|fscanf'
banned="$banned|system|popen|setjmp|longjmp|alloca|signal|rand|tmpnam|mktemp"
calls=$(find src -name '*.[ch]' | while read -r file; do
    bare "$file" | grep -nE "(^|[^a-zA-Z0-9_>.])($banned) *\(" | sed "s|^|$file:|"
done)
report "no banned call" "$calls"

memory=$(find src -name '*.c' ! -name xalloc.c | while read -r file; do
    bare "$file" | grep -nE '(^|[^a-zA-Z0-9_>.])(malloc|calloc|realloc|strdup|strndup) *\(' |
        sed "s|^|$file:|"
done)
report "memory comes from base/xalloc" "$memory"

prints=$(find src -name '*.c' | grep -vE '^src/(cli/|main)' | while read -r file; do
    bare "$file" | grep -nE '(^|[^a-zA-Z0-9_>.])(printf|puts|fprintf *\( *std(err|out)) *\(?' |
        sed "s|^|$file:|"
done)
report "only cli and main print" "$prints"

long=$(find src -name '*.[ch]' | while read -r file; do
    limit=500
    case $file in *.h) limit=300 ;; esac
    lines=$(wc -l <"$file")
    [ "$lines" -le $limit ] || echo "$file: $lines lines (limit $limit)"
done)
report "no file is longer than its budget" "$long"

headless=$(for file in src/*/*.c; do
    case $(grep -m1 '^#include' "$file") in
    '#include "config.h"') ;;
    *) echo "$file: the first include must be config.h" ;;
    esac
done)
report "every source starts with config.h" "$headless"

licence=$(find src tests -name '*.[ch]' | while read -r file; do
    head -2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file: no SPDX line"
done)
report "every source names its licence" "$licence"

private=$(git grep -nIE '/home/[a-z]|/root/|/work/|/tmp/b-' -- . ':!tests/check-layers.sh' 2>/dev/null)
report "no machine path stands in a file" "$private"

echo "1..$number"
exit $failed
