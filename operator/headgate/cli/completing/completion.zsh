#compdef headgate
# zsh completion for headgate: headgate completion zsh > "${fpath[1]}/_headgate"
_headgate() {
    local -a described
    local line word about
    for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
        :0) _files ;;
        :*) ;;
        *)
            word=${line%%$'\t'*} about=
            [[ $line == *$'\t'* ]] && about=${line#*$'\t'}
            described+=("${word//:/\\:}:$about")
            ;;
        esac
    done
    (( $#described )) && _describe -t headgate headgate described
}
if [ "$funcstack[1]" = "_headgate" ]; then
    _headgate "$@"
else
    compdef _headgate headgate
fi
