# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The head of a test on a real terminal: $here is the tests' folder, SHERD_BIN the program. No server, no model.
: "${here:?}"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$here/support/tap.sh"
# shellcheck source-path=SCRIPTDIR source=screen.sh
. "$here/support/screen.sh"
# shellcheck disable=SC2034 # who sources it runs it
sherd=${SHERD_BIN:?set SHERD_BIN to the program}
unset OPENAI_BASE_URL OPENAI_API_KEY ARGILLA_API_URL ARGILLA_API_KEY
cd "$screen_dir" || exit 1
