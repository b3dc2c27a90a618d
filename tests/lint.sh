#!/bin/sh
# SPDX-License-Identifier: MIT
# Every linter must be silent. Those that are not installed are named and skipped, but not in CI.
# builddir (where src/config.h is) comes from make; by hand: builddir=build tests/lint.sh
set -u
here=$(pwd)
builddir=${builddir:-$here}
cd "${srcdir:-$(dirname "$0")/..}" || exit 99
[ -f "$builddir/src/config.h" ] || { echo "lint: no config.h in $builddir/src: run configure there" >&2; exit 99; }
failed=0
run() { # tool, then the command
    tool=$1
    shift
    if ! command -v "$tool" >/dev/null; then
        echo "lint: $tool is not installed" >&2
        [ -z "${CI:-}" ] || failed=1
        return
    fi
    "$@" || { echo "lint: $tool found something" >&2; failed=1; }
}
files() { # patterns: what git tracks; everything in a tarball
    git ls-files -- "$@" 2>/dev/null | while read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done | grep . || for pattern in "$@"; do
        find "${pattern%%/*}" -path "$pattern"
    done
}
sources=$(files 'src/*.[ch]' 'tests/*.[ch]')
scripts="bootstrap .ci/run $(files 'tests/*.sh')"
cores=$(nproc 2>/dev/null || echo 2)
libraries='ncursesw libcurl jansson libuv sqlite3 md4c inih uuid libmicrohttpd cmocka vterm'
# shellcheck disable=SC2086 # a word list
tidy_flags="-std=c17 -I$builddir/src -Isrc -I. -DTOP_SRCDIR=\"\" -DTOP_BUILDDIR=\"\" $(
    pkg-config --cflags $libraries)"

# One file at a time: version 14 carries its idea of va_list from one file to the next and
# then finds each one uninitialized.
# shellcheck disable=SC2317 # run calls it
tidy() {
    printf '%s\n' "$sources" | grep '\.c$' |
        xargs -P "$cores" -n 1 tests/tidy.sh "$tidy_flags"
}
# shellcheck disable=SC2086 # word lists
{
    run clang-format clang-format --dry-run --Werror $sources
    run clang-tidy tidy
    run cppcheck cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
        --enable=warning,portability --suppress=missingInclude --suppress=unknownMacro \
        --suppress=internalAstError -Isrc -D_GNU_SOURCE -j "$cores" src
    run shellcheck shellcheck -x $scripts
}
# The words are misspelt for a test: iterm is a terminal, the others are typed by hand.
run codespell codespell -q 3 -S '*/golden/*,*/fixtures/*,*/corpus/*,*.log' \
    -L 'mis-sing,ba,te,nd,fo,crate,keypair,ot,recrods,snyc,tha,hel,thre,iterm,lenght' \
    src docs data tests bootstrap .ci README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md
exit $failed
