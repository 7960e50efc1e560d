#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Completion: what the program offers, and what the shells make of it.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

make_some() {
  inside '
    ipckit create msg:@jobs; ipckit create msg; ipckit create shm --size 1; ipckit create sem; ipckit create pmsg:/work
    ipckit create pshm:/frame-1 --size 1; ipckit create pshm:/frame-2 --size 1; ipckit create psem:/slots
    ipckit create fifo:/tmp/ctl; : >"/dev/shm/odd name"' >/dev/null
}

# The candidates of a command line, its last word unfinished, without what they mean.
candidates() {
  expect 0 ipckit __complete "$@"
  err_empty
  # Each is a word, a tab and what it means, or :files and the like for the shell.
  if grep -qvP '^(\S+(\t[^\t]+)?)$' "$state/stdout"; then complain "a line is no candidate"; fi
  output=$(cut -f 1 <<<"$output" | sort | tr '\n' ' ')
}

offers() {
  local word
  for word; do [[ " $output " == *" $word "* ]] || complain "$word should be offered"; done
}

offers_no() {
  local word
  for word; do [[ " $output " != *" $word "* ]] || complain "$word should not be offered"; done
}

# ---------------------------------------------------------------------------------------------------------- __complete

@test "verbs" {
  candidates ''
  offers ls show limits key create set rm help
  candidates s
  out_is "send set show "
  candidates li
  out_is "limits "
  candidates help ''
  offers ls rm
  candidates zzz
  out_is " "
  candidates bogus ''
  out_is " "
}

@test "options, short and long, of the verb" {
  candidates ls --
  offers --json --columns --sort --mine --help
  candidates rm --i
  out_is "--idle-for --ignore-missing "
  candidates rm -
  offers -f --force -n --dry-run
  candidates show --sort
  out_is " "
}

@test "kinds and live REFs" {
  make_some
  candidates ls ''
  offers msg shm queue all msg:0 msg:1 pshm:/frame-1 fifo:/tmp/ctl
  candidates ls ms
  out_is "msg msg:0 msg:1 "
  candidates show pshm:
  offers pshm:/frame-1 pshm:/frame-2 pshm:/odd%20name
  offers_no psem:/slots
  candidates show pshm:/frame-
  out_is "pshm:/frame-1 pshm:/frame-2 "
  candidates show ''
  offers msg:0
  offers_no msg queue
  candidates limits q
  out_is "queue "
}

@test "rm and set offer what is one's own" {
  make_some
  nobody ipckit create msg >/dev/null
  candidates rm msg:
  out_is "msg:0 msg:1 msg:2 "
  expect 0 nobody ipckit __complete rm msg:
  out_matches '^msg:2'
  out_lines 1
  expect 0 nobody ipckit __complete set msg:
  out_lines 1
  expect 0 nobody ipckit __complete show msg:
  out_lines 3
}

@test "rm --all offers kinds" {
  make_some
  candidates rm --all s
  offers shm sem sysv
  offers_no shm:0
}

@test "what create makes" {
  candidates create ''
  offers msg msg:@ msg:key= pshm:/ fifo:
  candidates create pm
  out_is "pmsg:/ "
}

@test "segments for read and write, what can be attached, and types" {
  make_some
  candidates read ''
  out_is "pshm:/frame-1 pshm:/frame-2 pshm:/odd%20name shm:0 "
  candidates write pshm:/f
  out_is "pshm:/frame-1 pshm:/frame-2 "
  candidates attach ''
  offers shm:0 pmsg:/work pshm:/frame-1 psem:/slots fifo:/tmp/ctl
  offers_no msg:0 sem:0
  candidates read --as i
  out_is "i16 i32 i64 i8 "
  candidates read --as s
  out_is "str "
}

@test "a command that is run is left to the shell" {
  candidates attach shm:0 ''
  out_is ":commands "
  candidates attach shm:0 gr
  out_is ":commands "
  candidates attach shm:0 grep -
  out_is ":arguments=2 "
  candidates attach shm:0 -- grep x y
  out_is ":arguments=3 "
  candidates attach shm:0 -
  offers --help
}

@test "values of options" {
  make_some
  candidates ls --color ''
  out_is "always auto never "
  candidates ls --color=n
  out_is "--color=never "
  candidates ls -o ''
  offers ref size use
  candidates ls -o ref,si
  out_is "ref,size "
  candidates ls --columns=+si
  out_is "--columns=+size "
  candidates ls --sort si
  out_is "size "
  candidates ls --user roo
  out_is "root "
  candidates set --owner roo
  out_is "root "
  candidates ls --fifo-dir ''
  out_is ":directories "
  candidates key ''
  out_is ":files "
  candidates show /dev/shm/
  out_is ":files "
  candidates create msg --mode ''
  out_is " "
}

@test "it asks no process, and is quick" {
  make_some
  inside '/usr/bin/python3 -c "
import ctypes, os
c = ctypes.CDLL(None)
for i in range(1000):
    c.msgget(0, 0o600)
    os.close(os.open(f\"/dev/shm/f{i}\", os.O_CREAT | os.O_RDWR, 0o600))
"'
  hide_proc
  SECONDS=0
  expect 0 inside 'for i in {1..10}; do ipckit __complete show ""; done | wc -l'
  [ "$output" -ge 20000 ]
  [ "$SECONDS" -le 3 ] || complain "ten completions took $SECONDS seconds"
}

@test "hostile names are offered as REFs, without control characters" {
  inside ': >"/dev/shm/"$'"'"'\e[31m\n\t'"'"'; mkfifo "/tmp/a"$'"'"'\tb'"'"
  expect 0 ipckit __complete show ''
  out_lines 2
  tr -d '\t' <"$state/stdout" >"$state/stripped"
  mv "$state/stripped" "$state/stdout"
  no_control_bytes
}

# ---------------------------------------------------------------------------------------------------------------- bash

# COMPREPLY for a command line that bash has split: LINE WORD..., the last word is the one to complete.
bash_replies() {
  inside '
    source /run/e2e/source/completions/ipckit.bash
    complete -p ipckit | grep -q -- "-F _ipckit"
    COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    set +eu
    _ipckit ipckit "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}" | sort' "$@"
}

@test "bash: words, and words that are split at a colon" {
  make_some
  expect 0 bash_replies 'ipckit li' ipckit li
  out_is limits
  expect 0 bash_replies 'ipckit rm msg:' ipckit rm msg :
  out_is "$(printf '0\n1')"
  expect 0 bash_replies 'ipckit rm msg:1' ipckit rm msg : 1
  out_is 1
  expect 0 bash_replies 'ipckit show pshm:/fr' ipckit show pshm : /fr
  out_is "$(printf '/frame-1\n/frame-2')"
  expect 0 bash_replies 'ipckit rm msg:0 pshm:' ipckit rm msg : 0 pshm :
  out_is "$(printf '/frame-1\n/frame-2\n/odd%%20name')"
  expect 0 bash_replies 'ipckit show msg' ipckit show msg
  out_is "$(printf 'msg:0\nmsg:1')"
}

@test "bash: words that are split at = and @" {
  make_some
  expect 0 bash_replies 'ipckit ls --color=n' ipckit ls --color = n
  out_is never
  expect 0 bash_replies 'ipckit ls --columns=ref,si' ipckit ls --columns = ref,si
  out_is ref,size
  expect 0 bash_replies 'ipckit create msg:' ipckit create msg :
  out_is "$(printf '@\nkey=')"
  expect 0 bash_replies 'ipckit create msg:k' ipckit create msg : k
  out_is key=
}

# What ipckit is called with after lines with \t in them are typed into a real bash.
typed_into_bash() {
  cat >"$state/bashrc" <<'END'
source /run/e2e/source/completions/ipckit.bash
ipckit() { printf 'CALLED'; printf '<%s>' "$@"; echo; } # completion calls the command itself
PS1='$ '
bind 'set bell-style none' 'set completion-query-items 0' 'set page-completions off' 'set enable-bracketed-paste off'
END
  mkdir -p "$state/home"
  inside '
    export HOME=/run/e2e/state/home TERM=dumb
    { sleep 0.3; for line; do printf "%b\n" "$line"; sleep 0.2; done; echo exit; sleep 0.2; } |
      script -qec "stty cols 200 rows 50; exec bash --rcfile /run/e2e/state/bashrc -i" /dev/null |
      tr -d "\r" | sed -n "s/.*CALLED\(<.*>\)$/\1/p"' "$@"
}

@test "bash, really: the line that is completed is the one that runs" {
  make_some
  expect 0 typed_into_bash \
    'ipckit lim\t' \
    'ipckit rm psem\t' \
    'ipckit rm pshm:/fr\t2' \
    'ipckit show msg:0 psem:\t' \
    'ipckit show pshm:/od\t' \
    'ipckit ls --columns=ref,si\t' \
    'ipckit ls --color ne\t' \
    'ipckit create msg:k\t19999' \
    'ipckit ls --mi\tmsg' \
    'ipckit key /etc/passw\t'
  out_is "$(printf '%s\n' '<limits>' '<rm><psem:/slots>' '<rm><pshm:/frame-2>' '<show><msg:0><psem:/slots>' \
    '<show><pshm:/odd%20name>' '<ls><--columns=ref,size>' '<ls><--color><never>' '<create><msg:key=19999>' \
    '<ls><--mine><msg>' '<key></etc/passwd>')"
}

@test "bash: a command that is run, and its own completion" {
  make_some
  expect 0 bash_replies 'ipckit attach shm:0 mktem' ipckit attach shm : 0 mktem
  out_has mktemp
  inside 'ipckit create pshm:/x --size 1' >/dev/null
  expect 0 typed_into_bash 'ipckit attach shm:0 mktem\t' 'ipckit attach shm:0 cat /etc/passw\t'
  out_is "$(printf '%s\n' '<attach><shm:0><mktemp>' '<attach><shm:0><cat></etc/passwd>')"
}

@test "bash: what cannot be completed disturbs nobody" {
  expect 0 bash_replies 'ipckit show nothing:' ipckit show nothing :
  out_is ""
  expect 0 bash_replies 'ipckit bogus x' ipckit bogus x
  out_is ""
  expect 0 bash_replies 'ipckit limits -' ipckit limits -
  out_has --check
}

# ----------------------------------------------------------------------------------------------------------- zsh, fish

@test "zsh parses its completion" {
  command -v zsh >/dev/null || skip "needs zsh"
  expect 0 zsh -n "$IPCKIT_SOURCE/completions/_ipckit"
  err_empty
  [ "$(head -n 1 "$IPCKIT_SOURCE/completions/_ipckit")" = "#compdef ipckit" ]
}

@test "zsh, really: the line that is completed is the one that runs" {
  command -v zsh >/dev/null || skip "needs zsh"
  make_some
  mkdir -p "$state/home"
  cat >"$state/home/.zshrc" <<'END'
fpath=(/run/e2e/source/completions $fpath)
autoload -Uz compinit && compinit -u -d /tmp/zcompdump
setopt no_beep no_list_beep no_auto_list
unsetopt zle_bracketed_paste 2>/dev/null
PS1='$ '
preexec() { printf 'CALLED'; printf '<%s>' ${(z)1}; echo; }
END
  expect 0 inside '
    export HOME=/run/e2e/state/home ZDOTDIR=/run/e2e/state/home TERM=dumb
    { sleep 1.5; for line; do printf "%b\n" "$line"; sleep 0.5; done; echo exit; sleep 0.3; } |
      script -qec "stty cols 200 rows 50; exec zsh -i" /dev/null |
      tr -d "\r" | sed -n "s/.*CALLED\(<ipckit>.*>\)$/\1/p"' \
    'ipckit lim\t' 'ipckit show psem\t' 'ipckit show pshm:/fr\t2' 'ipckit ls --color=ne\t' 'ipckit show pshm:/od\t' \
    'ipckit attach shm:0 mktem\t' 'ipckit attach shm:0 cat /etc/passw\t'
  out_is "$(printf '%s\n' '<ipckit><limits>' '<ipckit><show><psem:/slots>' '<ipckit><show><pshm:/frame-2>' \
    '<ipckit><ls><--color=never>' '<ipckit><show><pshm:/odd%20name>' \
    '<ipckit><attach><shm:0><mktemp>' '<ipckit><attach><shm:0><cat></etc/passwd>')"
}

@test "fish parses its completion" {
  command -v fish >/dev/null || skip "needs fish"
  expect 0 fish --no-execute "$IPCKIT_SOURCE/completions/ipckit.fish"
  err_empty
}

@test "fish, really: what it offers" {
  command -v fish >/dev/null || skip "needs fish"
  make_some
  mkdir -p "$state/home"
  fish_offers() {
    expect 0 in_sandbox env HOME="$inner/state/home" fish --no-config -c '
      source /run/e2e/source/completions/ipckit.fish
      complete --do-complete $argv[1]' "$1"
    output=$(cut -f 1 <<<"$output" | sort | tr '\n' ' ')
  }
  fish_offers 'ipckit lim'
  out_is "limits "
  fish_offers 'ipckit rm msg:'
  out_is "msg:0 msg:1 "
  fish_offers 'ipckit show pshm:/fr'
  out_is "pshm:/frame-1 pshm:/frame-2 "
  fish_offers 'ipckit ls --color=n'
  out_is "--color=never "
  fish_offers 'ipckit ls -o ref,si'
  out_is "ref,size "
  fish_offers 'ipckit attach shm:0 mktem'
  [[ "$output" == *"mktemp "* ]] || complain "commands should be offered"
  fish_offers 'ipckit attach shm:0 cat /etc/passw'
  [[ "$output" == *"/etc/passwd "* ]] || complain "the command's own completion should be used"
  fish_offers 'ipckit key /etc/passw'
  [[ "$output" == *"/etc/passwd "* ]] || complain "files should be offered"
}
