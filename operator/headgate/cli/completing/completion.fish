# fish completion for headgate: headgate completion fish > ~/.config/fish/completions/headgate.fish
function __headgate_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':0'
                __fish_complete_path "$current"
            case ':*'
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c headgate -f -a '(__headgate_complete)'
