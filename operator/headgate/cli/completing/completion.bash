# bash completion for headgate: source <(headgate completion bash)
_headgate() {
    local answer line
    COMPREPLY=()
    answer=$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
    while IFS= read -r line; do
        case $line in
        :0) compopt -o default 2>/dev/null ;;
        :*) ;;
        *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done <<<"$answer"
}
complete -F _headgate headgate
