# SPDX-License-Identifier: MIT
# Completion of ipckit for bash. What fits is known to the program: ipckit __complete WORD...

_ipckit() {
  local i blank piece head='' breaks candidate rest=${COMP_LINE:0:COMP_POINT} words=() starts=()
  # Bash splits words at : = and @ as well; the program takes them whole, up to the cursor.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[! $'\t\n']*}
    rest=${rest#"$blank"}
    piece=${COMP_WORDS[i]-}
    [[ $rest == "$piece"* ]] || piece=$rest
    rest=${rest#"$piece"}
    if ((i == 0)) || [[ -n $blank ]]; then words+=("$piece") starts+=("$i"); else words[-1]+=$piece; fi
  done
  # In front of the last of these splits bash keeps what is there. Inside quotes it does not split.
  breaks=${COMP_WORDBREAKS//[^:=@]/}
  case ${words[-1]} in
    [\"\']*) words[-1]=${words[-1]:1} ;;
    *) if [[ -n $breaks ]]; then head=${words[-1]%"${words[-1]##*[$breaks]}"}; fi ;;
  esac
  COMPREPLY=()
  while IFS= read -r candidate; do
    candidate=${candidate%%$'\t'*}
    case $candidate in
      '') continue ;;
      :files) compopt -o default ;;
      :directories) compopt -o dirnames ;;
      :commands) mapfile -t COMPREPLY < <(compgen -c -- "${words[-1]}") ;;
      # A command that is run has its own completion, where bash-completion knows it.
      :arguments=*)
        if declare -F _command_offset >/dev/null; then
          _command_offset "${starts[${candidate#*=} + 1]}"
        else
          compopt -o default
        fi
        ;;
      *) COMPREPLY+=("${candidate#"$head"}") ;;
    esac
    case $candidate in *[:/=@]) compopt -o nospace ;; esac
  done 2>/dev/null <<<"$(command ipckit __complete "${words[@]:1}")"
}
complete -F _ipckit ipckit
