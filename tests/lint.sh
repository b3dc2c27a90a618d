#!/bin/sh
# SPDX-License-Identifier: MIT
# Every linter must be silent. Those that are not installed are named and skipped, but not in CI.
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 99
builddir=${builddir:-.}
srcdir_tests=$(pwd)/tests
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
sources=$(git ls-files 'src/*.[ch]' 'tests/*.[ch]' 2>/dev/null)
[ -n "$sources" ] || sources=$(find src tests -name '*.[ch]')
flags="-std=c17 -D_GNU_SOURCE -I$builddir -Isrc -I. -DTOP_SRCDIR=\"\" -DTOP_BUILDDIR=\"\""
flags="$flags $(pkg-config --cflags ncursesw libcurl jansson libuv sqlite3 md4c inih uuid libmicrohttpd)"

# shellcheck disable=SC2086 # word lists
run clang-format clang-format --dry-run --Werror $sources
tidy() {
    # shellcheck disable=SC2086 # word lists
    printf '%s\n' $sources | grep '^src/.*\.c$' |
        xargs -P 2 -n 6 "$srcdir_tests/tidy.sh" "$flags"
}
if command -v clang-tidy >/dev/null; then
    tidy || { echo "lint: clang-tidy found something" >&2; failed=1; }
else
    run clang-tidy true
fi
run cppcheck cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
    --enable=warning,portability --suppress=missingInclude --suppress=unknownMacro \
    --suppress=internalAstError -Isrc -D_GNU_SOURCE -j 2 src
# shellcheck disable=SC2046
run shellcheck shellcheck -x bootstrap .ci/run $(find tests -name '*.sh')
run codespell codespell -q 3 -S '*/golden/*,*/fixtures/*,*/corpus/*,./build*,*.log' \
    -L 'mis-sing,ba,te,nd,fo,crate,keypair,ot' src docs tests README.md CONTRIBUTING.md
exit $failed
