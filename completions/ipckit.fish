# SPDX-License-Identifier: MIT
# Completion of ipckit for fish. What fits is known to the program: ipckit __complete WORD...

function __ipckit_complete
    set -l words (commandline --cut-at-cursor --tokenize --current-process)
    set -l current (commandline --cut-at-cursor --current-token | string replace --regex -- '^["\']' '')
    set -l option (string match --regex -- '^--[a-z-]+=' $current)
    set -l value (string replace --regex -- '^--[a-z-]+=' '' $current)
    for line in (command ipckit __complete $words[2..] "$current" 2>/dev/null)
        switch $line
            case :files
                printf "$option%s\n" (__fish_complete_path "$value")
            case :directories
                printf "$option%s\n" (__fish_complete_directories "$value" '')
            case :commands
                __fish_complete_command
            case ':arguments=*'
                # A command that is run has its own completion.
                set -l first (math (string replace :arguments= '' -- $line) + 2)
                complete --do-complete (string join ' ' -- (string escape -- $words[$first..]) (string escape -- $current))
            case '*'
                printf '%s\n' $line
        end
    end
end

complete --command ipckit --no-files --arguments '(__ipckit_complete)'
