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
    store) echo "base text model json store" ;;
    config) echo "base text event model json net config" ;;
    llm) echo "base text model json net config llm" ;;
    argilla) echo "base text model json net argilla" ;;
    sync) echo "base text model json net store argilla sync" ;;
    app) echo "base text event model json net store config llm argilla sync app" ;;
    ui) echo "base text event model json net store config llm argilla sync app ui" ;;
    cli) echo "base text event model json net store config llm argilla sync app cli" ;;
    term) echo "base text event term" ;;
    *) echo "" ;;
    esac
}

arrows=$(grep -rn '^ *# *include *"' src/*/ --include='*.[ch]' | grep -v '"config.h"' |
    sed 's/^\([^:]*\):\([0-9]*\):.*"\(.*\)".*/\1 \2 \3/' |
    while read -r file line path; do
        layer=${file#src/}
        case " $(may_include "${layer%%/*}") " in
        *" ${path%%/*} "*) ;;
        *) echo "$file:$line: ${layer%%/*} may not include $path" ;;
        esac
    done)
report "an include only points left" "$arrows"

# The shape of src/: x.c and x.h are one module. The limits may be lowered, never raised.
measured=$(perl -e '
        my (%text, %bare, %uses, %public, %calls, %users, @lengths, @found, $lines);
        sub note { push @found, join(" ", @_) }
        for my $file (glob "src/*/*.[ch] src/*.[ch]") {
            open my $in, "<", $file or die;
            local $/;
            my $code = $text{$file} = <$in>;
            $code =~ s{/\*.*?\*/|//[^\n]*|"(\\.|[^"\\])*"|\x27(\\.|[^\x27\\])\x27}{ my $c = $&; $c =~ s/[^\n]//g; $c || " " }gse;
            $bare{$file} = $code;
        }
        sub module { my $name = shift; $name =~ s/\.[ch]$//; $name }
        my ($dust, %static);
        for my $file (sort keys %bare) {
            my $count = ($text{$file} =~ tr/\n//);
            $lines += $count;
            note("file", $count, $file);
            while ($text{$file} =~ /^\s*#\s*include\s*"([^"]+)\.h"/mg) {
                next unless -e "src/$1.h" && "src/$1" ne module($file);
                $uses{module($file)}{"src/$1"} = 1;
            }
            next unless $file =~ /\.c$/;
            my $code = $bare{$file}; # a copy: the count of uses below starts a search of its own
            while ($code =~ /^((?:static |_Noreturn |const |struct |enum |unsigned )*[a-z_][^\n;={}()]*?\b(\w+)\((?:[^;{}]*?)\))\s*\n\{\n(.*?)^\}/msg) {
                my ($head, $name, $body) = ($1, $2, $3);
                my $length = ($head =~ tr/\n//) + 3 + ($body =~ tr/\n//);
                push @lengths, $length;
                note("function", $length, "$name in $file");
                if ($head =~ /^static /) {
                    my $uses = () = $bare{$file} =~ /\b$name\b/g;
                    $dust++, note("dust", $length, "$name in $file") if $length <= 6 && $uses == 2;
                } else {
                    $public{$name} = module($file);
                }
            }
        }
        for my $file (grep /\.c$/, keys %bare) {
            my %seen;
            for my $name ($bare{$file} =~ /\b([a-z_][a-z0-9_]*)\b/g) {
                next if $seen{$name}++ || !$public{$name} || $public{$name} eq module($file);
                $calls{module($file)}{$public{$name}} = 1;
            }
        }
        for my $from (keys %uses) { $users{$_}++ for keys %{$uses{$from}} }
        for (keys %users) { note("door", $users{$_}, $_) unless m{^src/base/} }
        for (["include", \%uses], ["call", \%calls]) {
            my ($what, $graph) = @$_;
            my %reach; # module -> what it leads to
            for my $from (keys %$graph) {
                my @open = ($from);
                while (@open) {
                    my $at = pop @open;
                    for my $to (keys %{$graph->{$at} || {}}) {
                        push @open, $to unless $reach{$from}{$to}++;
                    }
                }
            }
            my %done;
            for my $one (sort keys %reach) {
                my @circle = grep { $reach{$one}{$_} && $reach{$_} && $reach{$_}{$one} } sort keys %reach;
                next if @circle < 2 || $done{$circle[0]}++;
                note("circle-$what", scalar @circle, @circle);
            }
        }
        @lengths = sort { $a <=> $b } @lengths;
        note("lines", $lines, "lines in src/");
        note("files", scalar keys %bare, "files in src/");
        note("p95", $lengths[@lengths * 0.95], "lines have 95 % of the functions at most");
        note("all-dust", $dust || 0, "static functions of six lines or less with one caller");
        print "$_\n" for @found;
    ')
limit() { # name, what, limit: nothing measured may be over it
    over=$(printf '%s\n' "$measured" | grep "^$2 " | sort -k 2 -rn | awk -v limit="$3" '
        $2 > limit { n = $2; $1 = $2 = ""; print n " (limit " limit "):" $0 }')
    if [ "$2" = all-dust ] && [ -n "$over" ]; then
        over="$over $(printf '%s\n' "$measured" | sed -n 's/^dust [0-9]*//p')"
    fi
    report "$1" "$over"
}
limit "no include cycle" circle-include 1
limit "no circle of calls" circle-call 1
limit "no header has more doors than its limit, outside base" door 20
limit "no function is over 50 lines" function 50
limit "nearly all functions are short" p95 50
limit "no dust: helpers of a few lines with one caller" all-dust 40
limit "the program does not grow: lines" lines 79434
limit "the program does not grow: files" files 326

owner() { # what, include pattern, the layers that may
    found=$(grep -rnE "^ *# *include *<($2)>" src --include='*.[ch]' | grep -vE "^src/($3)/")
    report "$1 is seen only by $3" "$found"
}
owner curses '(ncursesw/)?n?curses\.h|term\.h' term
owner curl 'curl/.*' net
owner sqlite3 'sqlite3\.h' store
owner libuv 'uv\.h' 'base'
owner PCRE2 'pcre2\.h' text
owner libmicrohttpd 'microhttpd\.h' none
owner jansson 'jansson\.h' 'json|store|llm|argilla|sync|app|cli'

curses_files=$(grep -lE '^ *# *include *<(ncursesw/)?n?curses\.h>' src/term/* 2>/dev/null)
[ "$(printf '%s\n' "$curses_files" | wc -l)" -le 2 ] && curses_files=
report "at most two files include curses" "$curses_files"

# FILE:LINE:CODE without comments and strings, so that words in them do not count.
bare=$(find src -name '*.[ch]' -exec perl -0777 -ne '
    s{/\*.*?\*/}{ my $c = $&; $c =~ s/[^\n]//g; $c }gse;
    s/"(\\.|[^"\\\n])*"/""/g;
    my $line = 0;
    print "$ARGV:", ++$line, ":$_\n" for split /\n/;
' {} +)
# pattern, files left out: where one of these is called
calls() { printf '%s\n' "$bare" | grep -vE "^($2)" | grep -E "^[^:]*:[0-9]*:(.*[^a-zA-Z0-9_>.])?($1)"; }
banned='strcpy|strcat|sprintf|vsprintf|strncpy|gets|atoi|atol|atof|strtok|scanf|sscanf|fscanf'
banned="$banned|system|popen|setjmp|longjmp|alloca|signal|rand|tmpnam|mktemp"
report "no banned call" "$(calls "($banned) *\(" none)"
report "no assertion that cmocka 2 calls deprecated" \
    "$(grep -rnE 'assert_(not_)?in_range' tests --include='*.[ch]')"
report "memory comes from base/xalloc" \
    "$(calls '(malloc|calloc|realloc|strdup|strndup) *\(' 'src/base/xalloc\.c|[^:]*\.h')"
report "only cli and main print" \
    "$(calls '(printf|puts|fprintf *\( *std(err|out)) *\(?' 'src/cli/|src/main|[^:]*\.h')"

long=$(find src -name '*.[ch]' -exec wc -l {} + | awk '
    $2 != "total" && $1 > ($2 ~ /\.h$/ ? 300 : 500) { print $2 ": " $1 " lines" }')
report "no file is longer than its budget" "$long"

headless=$(grep -L '^#include' src/*/*.c
    grep -m1 '^#include' src/*/*.c | grep -v ':#include "config.h"$')
report "every source starts with config.h" "$headless"

licence=$(find src tests -name '*.[ch]' -exec awk '
    FNR == 1 && last { print last ": no SPDX line" }
    FNR == 1 { last = FILENAME }
    FNR <= 2 && /SPDX-License-Identifier: MIT/ { last = "" }
    END { if (last) print last ": no SPDX line" }' {} +)
report "every source names its licence" "$licence"

private=$(git grep -nIE '/home/[a-z]|/root/|/work/|/tmp/b-' -- . ':!tests/check-layers.sh' 2>/dev/null)
report "no machine path stands in a file" "$private"

echo "1..$number"
exit $failed
