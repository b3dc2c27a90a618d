# SPDX-License-Identifier: MIT
# fish completion for sherd; installed in .../vendor_completions.d
# Commands and options come from sherd's own help.

function __sherd_commands
    sherd help 2>/dev/null | awk '
        name { sub(/^ +/, ""); print name "\t" $0; name = "" }
        /^  sherd [a-z]/ {
            line = $0
            sub(/^.*  +/, "", line)
            if (line ~ /^sherd /) name = $2; else print $2 "\t" line
        }'
end

# The command on the line, empty before there is one.
function __sherd_command
    for word in (commandline -opc)[2..-1]
        if contains -- $word (__sherd_commands | string replace -r '\t.*' '')
            echo $word
            return
        end
    end
end

function __sherd_options
    sherd help (__sherd_command) 2>/dev/null | awk '
        /^  (-., )?--/ {
            said = $0
            sub(/^.*  +/, "", said)
            print ($1 ~ /^-.,$/ ? $2 : $1) "\t" said
        }'
end

# What stands behind the command on the line, or behind an option that takes a value.
function __sherd_arguments
    set -l words (commandline -opc)
    set -l command (__sherd_command)
    set -l value (sherd help $command 2>/dev/null |
        string match -rg "^  (?:-., )?"(string escape --style=regex -- $words[-1])" ([A-Z][^ ]*)")
    switch "$words[-1] $value"
        case '* PATH' '* FILE'
            __fish_complete_path (commandline -ct)
            return
        case '--status ?*'
            printf '%s\n' pending draft submitted discarded
            return
        case '--pairs ?*'
            printf '%s\n' asked-together equal-prompt
            return
        case '--by ?*'
            printf '%s\n' mine mean majority
            return
        case '--format ?*'
            printf '%s\n' jsonl csv trl-preference trl-unpaired trl-prompt-completion openai-dpo
            return
        case '* ?*'
            return
    end
    switch "$command"
        case ''
            __sherd_commands
        case help
            __sherd_commands
        case dataset
            printf '%s\n' create list show move clone forget
        case run import
            __fish_complete_path (commandline -ct)
        case review records stats export
            sherd --local dataset list --json 2>/dev/null | string match -rg '"name":"([^"]*)"'
        case rate discard delete flag trace
            if test "$words[-1]" = $command
                sherd records --json 2>/dev/null | string match -rg '"id":"([0-9a-f-]*)"'
            else if test $command = rate
                printf '%s\n' 1 2 3 4 5
            end
    end
end

complete -c sherd -f
complete -c sherd -n 'string match -q -- "-*" (commandline -ct)' -a '(__sherd_options)'
complete -c sherd -n 'not string match -q -- "-*" (commandline -ct)' -a '(__sherd_arguments)'
