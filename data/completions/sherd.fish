# SPDX-License-Identifier: MIT
# fish completion for sherd; installed in .../vendor_completions.d

set -l commands demo dataset log ask run rate discard undo records sync outbox doctor help
set -l alone "not __fish_seen_subcommand_from $commands"
set -l asking "not __fish_seen_subcommand_from dataset log rate discard undo records sync outbox doctor help"

complete -c sherd -f
complete -c sherd -n $alone -a demo -d 'the screen on a built-in endpoint'
complete -c sherd -n $alone -a dataset -d 'make, list or show datasets'
complete -c sherd -n $alone -a log -d 'log one record by hand'
complete -c sherd -n $alone -a ask -d 'ask the model'
complete -c sherd -n $alone -a run -d 'ask every line of a file'
complete -c sherd -n $alone -a rate -d 'rate a record and submit it'
complete -c sherd -n $alone -a discard -d 'discard a record'
complete -c sherd -n $alone -a undo -d 'take back the last change'
complete -c sherd -n $alone -a records -d 'list the records in the store'
complete -c sherd -n $alone -a sync -d 'send what is unsent, fetch what is new'
complete -c sherd -n $alone -a outbox -d 'list what is not sent yet'
complete -c sherd -n $alone -a doctor -d 'check terminal, store, endpoints, servers'
complete -c sherd -n $alone -a help -d 'help of a command'

complete -c sherd -l dataset -x -d 'the dataset'
complete -c sherd -l workspace -x -d 'its workspace'
complete -c sherd -l server -x -d 'the Argilla server'
complete -c sherd -l endpoint -x -d 'the model endpoint'
complete -c sherd -l store -r -F -d "the store's file"
complete -c sherd -l local -d 'no server, even if one is configured'
complete -c sherd -l json -d 'print one JSON object a line'
complete -c sherd -l no-strip -d 'send responses with the blanks at their ends'
complete -c sherd -l config -r -F -d 'read this configuration file'
complete -c sherd -l log -d 'write a log file'
complete -c sherd -s h -l help -d 'help'
complete -c sherd -s V -l version -d 'the version'

complete -c sherd -n $asking -l model -x -d "the model's name"
complete -c sherd -n $asking -l temperature -x -d 'sampling temperature'
complete -c sherd -n $asking -l max-tokens -x -d 'longest answer, in tokens'
complete -c sherd -n $asking -l system -x -d 'the system prompt'
complete -c sherd -n $asking -l seed -x -d 'the seed'

complete -c sherd -n '__fish_seen_subcommand_from demo' -l serve -d 'only the endpoint'
complete -c sherd -n '__fish_seen_subcommand_from demo' -l port -x -d 'its port'
complete -c sherd -n '__fish_seen_subcommand_from demo' -l token-ms -x -d 'between two tokens'
complete -c sherd -n '__fish_seen_subcommand_from dataset' -a 'create list show'
complete -c sherd -n '__fish_seen_subcommand_from log' -l prompt -x -d 'the prompt'
complete -c sherd -n '__fish_seen_subcommand_from log' -l response -x -d 'the response'
complete -c sherd -n '__fish_seen_subcommand_from log ask' -l rating -x -a '1 2 3 4 5' -d 'rate it'
complete -c sherd -n '__fish_seen_subcommand_from log ask rate' -l feedback -x -d 'feedback'
complete -c sherd -n '__fish_seen_subcommand_from log rate' -l draft -d 'keep as a draft'
complete -c sherd -n '__fish_seen_subcommand_from log' -l discard -d 'mark as discarded'
complete -c sherd -n '__fish_seen_subcommand_from sync' -l no-fetch -d 'only send'
complete -c sherd -n '__fish_seen_subcommand_from ask' -l no-log -d 'keep nothing'
complete -c sherd -n '__fish_seen_subcommand_from run' -F
complete -c sherd -n '__fish_seen_subcommand_from run' -l repeat -x -d 'times'
complete -c sherd -n '__fish_seen_subcommand_from run' -l concurrency -x -d 'prompts at once'
complete -c sherd -n '__fish_seen_subcommand_from run' -l name -x -d "the run's name"
complete -c sherd -n '__fish_seen_subcommand_from records' -l status -x -a 'pending draft submitted discarded' -d 'only these'
complete -c sherd -n '__fish_seen_subcommand_from help' -a "$commands"
