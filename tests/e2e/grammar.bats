#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Words: REFs and near misses, verbs, kinds, options, help.
# shellcheck disable=SC2016,SC2086,SC2154 # expanded in the sandbox; several words; set by helper.bash

load helper

# All seven kinds; sets the REFs that ls prints of them.
make_seven() {
  inside '
    ipckit create msg:@jobs
    ipckit create shm:key=19999 --size 64K
    ipckit create sem:@gate
    ipckit create pmsg:/work
    ipckit create pshm:/frame --size 4K
    ipckit create psem:/slots
    ipckit create fifo:/tmp/ctl' >/dev/null
}

canonical_is() {
  expect 0 ipckit show -q "$1"
  out_is "$2"
  err_empty
}

# --------------------------------------------------------------------------------------------------------------- REFs

@test "every form of a System V REF leads to the id" {
  make_seven
  canonical_is shm:0 shm:0
  canonical_is shm:0x00004e1f shm:0
  canonical_is shm:0X4E1F shm:0
  canonical_is shm:key=19999 shm:0
  canonical_is shm:key=019999 shm:0 # a leading 0 is decimal
  canonical_is shm:key=0x4e1f shm:0
  canonical_is msg:@jobs msg:0
  canonical_is "msg:$(ipckit key @jobs)" msg:0
  refuses_with "neither an id nor a key" ipckit show sem:%40gate # the @ is grammar, not name
  canonical_is sem:@g%61te sem:0
}

@test "file= is the key of ftok, its project a character or a number of which 8 bits count" {
  inside ': >/tmp/a,b; ipckit create msg:file=/etc/passwd,a' >/dev/null
  canonical_is msg:file=/etc/passwd,97 msg:0
  canonical_is msg:file=/etc/passwd,353 msg:0
  canonical_is "msg:$(ipckit key /etc/passwd a)" msg:0
  expect 3 ipckit show msg:file=/etc/passwd # project 1
  # It splits at the last comma.
  inside 'ipckit create shm:file=/tmp/a,b,7 --size 1' >/dev/null
  canonical_is "shm:$(ipckit key /tmp/a,b 7)" shm:0
  refuses_with "no REF" ipckit show shm:file=/tmp/a,bb
  refuses_with "no REF" ipckit show shm:file=
}

@test "negative and large keys are the same 32 bits" {
  expect 0 ipckit create msg:key=-5
  canonical_is msg:key=4294967291 msg:0
  canonical_is msg:0xfffffffb msg:0
  canonical_is msg:key=-5 msg:0
  refuses_with "32 bits" ipckit show msg:key=4294967296
  refuses_with "32 bits" ipckit show msg:key=-2147483649
  refuses_with "32 bits" ipckit show msg:0x100000000
}

@test "key 0 names nothing" {
  local word
  for word in shm:key=0 shm:0x0 shm:0x00000000 shm:key=-0; do
    refuses_with "IPC_PRIVATE" ipckit show "$word"
    refuses_with "IPC_PRIVATE" ipckit create "$word" --size 1
  done
}

@test "a POSIX name has its slash or not" {
  make_seven
  canonical_is pmsg:work pmsg:/work
  canonical_is pmsg:/work pmsg:/work
  canonical_is pshm:frame pshm:/frame
  canonical_is psem:slots psem:/slots
  canonical_is psem:/%73lots psem:/slots
}

@test "a bare path works where the kind is plain" {
  make_seven
  canonical_is /dev/shm/frame pshm:/frame
  canonical_is /dev/shm/sem.slots psem:/slots
  canonical_is /dev/mqueue/work pmsg:/work
  canonical_is /tmp/ctl fifo:/tmp/ctl
  canonical_is ./ctl fifo:/tmp/ctl
  canonical_is ../tmp/ctl fifo:/tmp/ctl
  canonical_is fifo:ctl fifo:/tmp/ctl
  canonical_is fifo:/tmp//ctl fifo:/tmp/ctl
  # A bare path is a path, to the letter: nothing is unescaped.
  inside 'ipckit create pshm:/a%2525b --size 1' >/dev/null
  canonical_is /dev/shm/a%25b pshm:/a%2525b
}

@test "a bare path that is no object is refused with a reason" {
  inside ': >/tmp/regular; mkdir /tmp/directory; ln -s /tmp/regular /tmp/link'
  expect 3 ipckit show /tmp/nothing
  err_has "no such FIFO"
  expect 3 ipckit show /tmp/regular
  err_has "a regular file"
  expect 3 ipckit show /tmp/directory
  err_has "a directory"
  expect 3 ipckit show /tmp/link
  err_has "a symbolic link"
  refuses_with "neither a kind nor a REF" ipckit show regular
}

@test "a directory that is a mount point is a directory" {
  expect 3 ipckit show fifo:/tmp
  err_has "a directory"
}

@test "the canonical form escapes what is not plain, and is read back" {
  local name ref
  for name in 'a b' $'new\nline' 'q"uote' "apo'strophe" 'per%cent' $'\e[31mred' 'back\slash' 'semi;colon' 'dollar$x' \
    $'\xff\xfe' 'ümlaut' '*' '?' '~' '#' 'a&b' '-n' $'tab\tbed'; do
    inside ': >"/dev/shm/$1"; mkfifo "/tmp/$1"' "$name"
    expect 0 ipckit ls -q pshm
    out_matches '^pshm:/[A-Za-z0-9._/:@+,=%-]+$'
    ref=$output
    expect 0 ipckit rm "$ref"
    expect 0 ipckit ls -q fifo
    out_matches '^fifo:/tmp/[A-Za-z0-9._/:@+,=%-]+$'
    expect 0 ipckit rm "$output"
    expect 0 inside 'ls -A /dev/shm /tmp | cat -A'
    out_lacks "${name:0:1}x" # the directories are empty but for their headings
    out_is $'/dev/shm:$\n$\n/tmp:$'
  done
}

@test "broken escapes are refused" {
  local word
  for word in pshm:/% pshm:/%4 pshm:/%zz pshm:/a%00b msg:@%g1 fifo:%2; do
    refuses_with "hexadecimal" ipckit show "$word"
    err_has "%25"
  done
}

@test "names that no POSIX object has are refused" {
  local word
  for word in pmsg:/ pshm:/. psem:/.. pmsg:/a/b pshm:a/ psem:/%2F pmsg:/%2e%2e /dev/shm/ /dev/mqueue/a/b; do
    refuses_with "POSIX name" ipckit show "$word"
  done
  refuses_with "psem:/x" ipckit show pshm:/sem.x
  refuses_with "psem:/x" ipckit rm pshm:sem.x
  refuses_with "255" ipckit show "pshm:/$(printf 'x%.0s' {1..256})"
  refuses_with "251" ipckit show "psem:/$(printf 'x%.0s' {1..252})"
  expect 3 ipckit show "psem:/$(printf 'x%.0s' {1..251})" "pshm:/$(printf 'x%.0s' {1..255})"
}

@test "a kind alone or with nothing behind it is no REF" {
  local verb
  make_seven
  for verb in show rm "set --mode 0600"; do
    refuses_with "nothing follows" ipckit $verb shm:
    refuses_with "is a kind" ipckit $verb shm
    refuses_with "no REF" ipckit $verb sysv:0
    refuses_with "neither a kind nor a REF" ipckit $verb ''
    refuses_with "REF is needed" ipckit $verb
  done
  refuses_with "nothing follows" ipckit ls shm:
  refuses_with "nothing follows" ipckit create shm: --size 1
  expect 0 refs
  out_lines 7
}

@test "an id that is a key is explained" {
  ipckit create shm:key=19999 --size 64K >/dev/null
  local verb
  for verb in show ls rm "set --mode 0640"; do
    expect 3 ipckit $verb shm:19999
    err_has "19999 is a key"
    err_has "shm:key=19999"
    err_lines 2
  done
  is_there shm:0
}

@test "what is neither an id nor a key is explained" {
  refuses_with "shm:@abc" ipckit show shm:abc
  refuses_with "shm:key=-5" ipckit show shm:-5
  refuses_with "2147483647" ipckit show shm:2147483648
  expect 3 ipckit show shm:2147483647
}

@test "ns= names an object of this namespace, and of no other" {
  local own
  make_seven
  own=$(in_sandbox readlink /proc/self/ns/ipc | tr -dc 0-9)
  canonical_is "ns=$own/shm:key=19999" shm:0
  canonical_is "ns=$own/pmsg:/work" pmsg:/work
  expect 1 ipckit show "ns=1/shm:0"
  err_has "another IPC namespace"
  refuses_with "ns=" ipckit show ns=x/shm:0
  refuses_with "ns=" ipckit show ns=1shm:0
  refuses_with "ns=" ipckit show "ns=$own/pshm:/frame"
  expect 1 ipckit rm "ns=1/msg:0"
  is_there msg:0
}

@test "the object that is not there is named as it was asked for: one line, status 3" {
  local word
  for word in msg:999 shm:0x7 sem:key=7 sem:@nobody pmsg:/x pshm:/x psem:/x fifo:/tmp/x msg:file=/etc/passwd; do
    expect 3 ipckit show "$word"
    out_empty
    err_lines 1
    err_matches "^ipckit show: $word: no such "
    expect 3 ipckit rm "$word"
    err_matches "^ipckit rm: $word: no such "
    expect 3 ipckit set --mode 0600 "$word"
    err_matches "^ipckit set: $word: no such "
    expect 3 ipckit ls "$word"
    err_matches "^ipckit ls: $word: no such "
  done
}

@test "several REFs: all are tried; a common status, else 1" {
  make_seven
  expect 3 ipckit show msg:9 shm:9
  err_lines 2
  expect 1 ipckit show msg:9 shm:0
  out_has "shm:0"
  err_lines 1
  expect 0 ipckit show msg:0 shm:0
  expect 1 ipckit rm msg:9 shm:0 psem:/none sem:0
  is_missing shm:0
  is_missing sem:0
}

# ------------------------------------------------------------------------------------- every word before anything is done

@test "create does nothing when a word is wrong" {
  refuses ipckit create msg:@a --mode 9
  refuses ipckit create msg:@a --max-bytes many
  refuses ipckit create sem:@a --value 1,x
  refuses ipckit create sem:@a --count 2 --value 1,2,3
  refuses ipckit create pshm:/a --size 1Q
  refuses ipckit create msg:@a msg:@b
  refuses ipckit create msg:@a --no-such-option
  refuses ipckit create msg:@a --json -q
  expect 0 refs
  out_empty
}

@test "rm does nothing when a word is wrong" {
  make_seven
  refuses_with bogus ipckit rm msg:0 bogus
  refuses ipckit rm msg:0 shm:
  refuses ipckit rm msg:0 --no-such-option
  refuses ipckit rm pshm:/frame pshm:/a/b
  refuses ipckit rm msg:0 --user ''
  expect 0 refs
  out_lines 7
}

@test "set does nothing when a word is wrong" {
  make_seven
  refuses ipckit set shm:0 bogus --mode 0666
  refuses ipckit set shm:0 --mode 0666 --owner nosuchuser
  refuses ipckit set shm:0 sem:0 --mode 0666 --value 1
  expect 0 ipckit ls -o mode --no-headings shm
  out_is 0600
}

@test "show and ls print nothing when a word is wrong" {
  make_seven
  refuses ipckit show msg:0 bogus
  refuses ipckit ls msg bogus
  refuses ipckit ls -o ref,nocolumn
  refuses ipckit limits msg bogus
}

# --------------------------------------------------------------------------------------------------------- suggestions

@test "a mistyped verb suggests the right one" {
  local pair
  for pair in lss:ls sohw:show craete:create rmm:rm limtis:limits sett:set kye:key hlep:help; do
    refuses_with "did you mean '${pair#*:}'" ipckit "${pair%:*}"
  done
  refuses_with "ipckit help" ipckit xyzzyx
}

@test "other tools' verbs suggest ours" {
  local pair
  for pair in list:ls ipcs:ls delete:rm remove:rm unlink:rm ipcrm:rm stat:show info:show make:create ipcmk:create \
    chmod:set chown:set ftok:key; do
    refuses_with "did you mean '${pair#*:}'" ipckit "${pair%:*}"
  done
}

@test "a kind or REF in the verb's place says how to list or show it" {
  refuses_with "ipckit show msg:5" ipckit msg:5
  refuses_with "ipckit ls shm" ipckit shm
  refuses_with "ipckit ls -q" ipckit -q
}

@test "a mistyped kind suggests the right one, also through synonyms" {
  refuses_with "did you mean 'msg'" ipckit ls mgs
  refuses_with "did you mean 'queue'" ipckit ls queues
  refuses_with "did you mean 'pmsg'" ipckit ls mqueue
  refuses_with "did you mean 'fifo'" ipckit limits pipe
  refuses_with "did you mean 'sem:@gate'" ipckit show sen:@gate
  refuses_with "did you mean 'shm'" ipckit create shmem --size 1
  refuses_with "did you mean 'pmsg:/x'" ipckit create mq:/x
}

@test "a mistyped option suggests the right one" {
  refuses_with "did you mean '--json'" ipckit ls --jsno
  refuses_with "did you mean '--size'" ipckit create shm --sise=4K
  refuses_with "did you mean '--older-than'" ipckit ls --older-then 4h
  refuses_with "did you mean '--ignore-missing'" ipckit rm --ignore-mising msg:0
  refuses_with "unknown option '-x'" ipckit ls -x
  refuses_with "unknown option '--check'" ipckit ls --check
}

@test "a mistyped column suggests the right one" {
  refuses_with "did you mean 'size'" ipckit ls -o ref,szie
  refuses_with "did you mean 'owner'" ipckit ls --sort onwer
  refuses_with "columns-help" ipckit ls -o qqqqqqqq
}

@test "an option without its value, and a flag with one, are refused" {
  refuses_with "--size needs a value" ipckit create shm --size
  refuses_with "needs a value" ipckit ls --sort
  refuses ipckit ls --json=yes
  refuses ipckit rm --all=shm
}

@test "the last of two equal options counts, = and a blank mean the same" {
  expect 0 ipckit create msg:@a --mode 0600 --mode=0644
  expect 0 ipckit ls -o mode --no-headings
  out_is 0644
  expect 0 ipckit create msg:@b -m0640
  expect 0 ipckit ls -o mode --no-headings msg:@b
  out_is 0640
}

@test "-- ends the options" {
  expect 0 ipckit ls -- msg
  refuses_with "'-q'" ipckit ls -- -q
  expect 3 ipckit key -- -x
}

# ---------------------------------------------------------------------------------------------------------------- help

@test "-h, --help and help VERB print the same on stdout, status 0" {
  local verb text
  for verb in ls show limits key create set rm; do
    expect 0 ipckit help "$verb"
    err_empty
    out_has "Usage: ipckit $verb"
    out_has "ipckit-$verb(1)"
    text=$output
    expect 0 ipckit "$verb" -h
    out_is "$text"
    expect 0 ipckit "$verb" --help
    out_is "$text"
    [ "$(wc -L <"$state/stdout")" -le 80 ] || complain "the help is wider than 80 columns"
  done
}

@test "the general help names every verb, on stdout" {
  local verb text
  expect 0 ipckit help
  err_empty
  text=$output
  for verb in ls show limits key create set rm help; do out_matches "(^|
)  $verb "; done
  expect 0 ipckit -h
  out_is "$text"
  expect 0 ipckit --help
  out_is "$text"
}

@test "help of what is no verb suggests one, and never itself for itself" {
  refuses_with "did you mean 'ls'" ipckit help lss
  refuses ipckit help ls show
  expect 0 ipckit help help
  out_has "Usage: ipckit"
}

@test "-V and --version print the version" {
  expect 0 ipckit --version
  out_matches '^ipckit [0-9]+\.[0-9]+\.[0-9]+$'
  local text=$output
  expect 0 ipckit -V
  out_is "$text"
}

@test "ipckit alone is ipckit ls" {
  make_seven
  expect 0 ipckit
  local text=$output
  expect 0 ipckit ls
  [ "$(cut -d' ' -f1 <<<"$text")" = "$(cut -d' ' -f1 <<<"$output")" ]
  out_lines 8
}

@test "what is said of a hostile word is escaped" {
  local verb word
  for word in $'\e[31m' $'msg:@\e[2J' $'shm:\e]0;x\a' $'-\e[1m' $'--\e=1' $'/\e[1m' $'@\e' $'fifo:\e' $'\xff'; do
    for verb in '' ls show rm create key limits; do
      expect_any ipckit ${verb:+"$verb"} "$word"
      no_control_bytes
      case $verb in '' | show | rm) [ "$status" -eq 2 ] || [ "$status" -eq 3 ]; err_matches '^ipckit' ;; esac
    done
    expect_any ipckit ls --columns "$word"
    no_control_bytes
    expect_any ipckit ls --user "$word"
    no_control_bytes
    expect_any ipckit ls --fifo-dir "$word"
    no_control_bytes
    expect_any ipckit key "@$word" "$word"
    no_control_bytes
    expect_any ipckit create msg --mode "$word"
    no_control_bytes
  done
}
