#!/bin/bash
# runner.sh RECORDS CORES IN_FLIGHT does what runner.c does, where that could not be compiled. PROTOCOL.md says what
# goes in and what comes out, and what this one cannot know.
#
# Bash cannot wait for a command, a process and a time at once. So whatever happens becomes a line in one pipe, which
# is read with a time limit: a forwarder turns commands into lines, and a keeper beside each step says how it started
# and ended. Each line is short enough for the kernel to keep it in one piece.

complain() { printf 'runner.sh: %s\n' "$1" >&2; }

are_numbers() {
  local number
  for number; do
    [[ -n $number && $number != *[!0-9]* && ${#number} -le 15 ]] || return
  done
}

if [[ $# -ne 3 ]] || ! are_numbers "$2" "$3"; then
  echo 'usage: runner.sh RECORDS CORES IN_FLIGHT' >&2
  exit 1
fi
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 403)) || ! type -P setsid >/dev/null; then
  complain 'bash 4.3 or later and setsid (util-linux) are needed'
  exit 1
fi
read -r -a stat </proc/$$/stat
[[ ${stat[5]} == "$$" ]] || exec setsid -w "$BASH" "$0" "$@" # Into a session of its own.

# Handled, which children do not inherit; what is ignored, the steps would ignore.
trap : HUP INT TERM PIPE

records=$1 capacity=$((10#$2)) in_flight=$((10#$3))
readonly RECORDS_RETRY=1000        # Milliseconds until a full disk is tried again...
readonly RECORDS_PATIENCE=86400000 # ...and after the last step: a day, then nobody will mend it.
readonly KILL_PATIENCE=10000       # Until what was killed, and is still there, is given up.
readonly GROUP_TICK=50             # How often a group that outlives its leader is looked at: nothing tells.
readonly PART_MAX=200              # Characters of a field in one line: quoted, they are fewer bytes than PIPE_BUF.

# By token. A step is queued, starting, running, terminated, killed or abandoned; `status` is set when it has exited.
declare -A phase cores gpus walltime grace directory script output pid deadline why usage status
queue=() queue_first=0 queue_end=0
steps_running=0 cores_used=0
commands_open=true conductor_listens=true closed=false exit_code=0
unfiled=() torn=false records_retry=0 patience_ends=0
command=() field=

# Sets now, by a clock that nobody sets, and date: both in milliseconds, though before bash 5 date has whole seconds.
tell_time() {
  local up rest
  read -r up rest </proc/uptime
  now=$((10#${up/./} * 10))
  if [[ -n ${EPOCHREALTIME-} ]]; then
    date=${EPOCHREALTIME//[!0-9]/}
    date=${date%???}
  else
    printf -v date '%(%s)T000' -1
  fi
}

refuse() {
  complain "$1; no further commands are read"
  commands_open=false exit_code=1
}

# ---- Records

record() {
  unfiled+=("$*")
  if $conductor_listens && ! printf '%s\n' "$*" 2>/dev/null; then
    conductor_listens=false
    exec >/dev/null
  fi
}

# One line at a time: where the disk is full, one at most is cut. It is written again whole, on a line of its own.
write_records() {
  ((${#unfiled[@]} > 0 && now >= records_retry)) || return
  local line written=0
  for line in "${unfiled[@]}"; do
    ! $torn || printf '\n' >&"$file" || break
    torn=true
    printf '%s\n' "$line" >&"$file" || break
    torn=false
    written=$((written + 1))
  done 2>/dev/null
  unfiled=("${unfiled[@]:written}")
  ((${#unfiled[@]} == 0)) || records_retry=$((now + RECORDS_RETRY))
  $conductor_listens || sync -d -- "$records" 2>/dev/null
}

# ---- In processes of their own, which report by lines

# Forwards the fields of commands; a long one in parts. What is cut short at the end is no field.
forward() {
  trap : HUP INT TERM
  exec <&"$commands" >&"$events" 2>/dev/null {file}>&- {commands}<&-
  while IFS= read -r -d '' field; do
    while ((${#field} > PART_MAX)); do
      printf 'part %q\n' "${field:0:PART_MAX}"
      field=${field:PART_MAX}
    done
    printf 'field %q\n' "$field"
  done
  echo end
}

# Waits for a step. Bash adds a line of its own when a signal has ended it, which is no report.
keep() {
  trap : HUP INT TERM
  exec >&"$events" 2>&"$events" {file}>&- {commands}<&-
  local TIMEFORMAT="usage $1 %3U %3S"
  time become "$1"
  echo "over $1 $?"
}

# Turns into the step, after trying all that the kernel's refusal of would not be told apart from the step's failure.
become() (
  token=$1
  trap - HUP INT TERM PIPE
  cd -- "${directory[$token]}" || fail directory cd -- "${directory[$token]}"
  out=${output[$token]}.$BASHPID.out err=${output[$token]}.$BASHPID.err program=${script[$token]}
  [[ $program == */* ]] || program=./$program
  try_to_run "$program"
  [[ -e $out ]] && existed=true || existed=false
  { : >>"$out"; } || fail output eval ': >>"$out"'
  if ! { : >>"$err"; }; then
    $existed || rm -f -- "$out"
    fail output eval ': >>"$err"'
  fi
  export MAESTRO_ATTEMPT=$token
  [[ -z ${gpus[$token]} ]] || export CUDA_VISIBLE_DEVICES=${gpus[$token]}
  echo "started $token $BASHPID"
  exec setsid "$program" </dev/null >>"$out" 2>>"$err" {events}>&-
) 2>/dev/null

try_to_run() {
  local first= interpreter=$1 rest
  check_executable "$1"
  IFS= LC_ALL=C read -r -n 256 first <"$1"
  [[ $first == '#!'* || $first == $'\177ELF'* ]] || report_failure script ENOEXEC
  [[ $first != '#!'* ]] || read -r interpreter rest <<<"${first:2}"
  check_executable "$interpreter"
}

check_executable() {
  [[ -e $1 ]] || report_failure script ENOENT
  [[ -f $1 && -x $1 ]] || report_failure script EACCES
}

# Runs a command that fails once more, to learn why.
fail() {
  local stage=$1 said error=EIO
  shift
  said=$(LC_ALL=C "$@" 2>&1)
  case $said in
    *'No such file'*) error=ENOENT ;;
    *'Permission denied'*) error=EACCES ;;
    *'Not a directory'*) error=ENOTDIR ;;
    *'Is a directory'*) error=EISDIR ;;
    *'No space left'*) error=ENOSPC ;;
    *'quota exceeded'*) error=EDQUOT ;;
    *'Read-only'*) error=EROFS ;;
    *'File name too long'*) error=ENAMETOOLONG ;;
    *'symbolic links'*) error=ELOOP ;;
    *'Stale'*) error=ESTALE ;;
  esac
  report_failure "$stage" "$error"
}

report_failure() {
  echo "failed $token $2 $1"
  exit 127
}

# ---- Starting

first_fits() {
  while ((queue_first < queue_end)) && [[ ${phase[${queue[queue_first]}]-} != queued ]]; do
    unset "queue[queue_first++]"
  done
  ((queue_first < queue_end)) || return
  ((in_flight == 0 || steps_running < in_flight)) || return
  local wanted=${cores[${queue[queue_first]}]}
  ((capacity > 0 && (steps_running == 0 || cores_used + wanted <= capacity)))
}

start_what_fits() {
  local token
  while first_fits; do
    token=${queue[queue_first]}
    phase[$token]=starting
    steps_running=$((steps_running + 1))
    cores_used=$((cores_used + cores[$token]))
    keep "$token" &
    disown "$!" # Bash would remember it for ever.
  done
}

drop() {
  record "dropped $1 $date"
  forget "$1"
}

close_queue() {
  local i
  closed=true
  record "closing $date"
  for ((i = queue_first; i < queue_end; i++)); do
    [[ ${phase[${queue[i]}]-} != queued ]] || drop "${queue[i]}"
  done
}

# ---- Ending

forget() {
  unset "phase[$1]" "cores[$1]" "gpus[$1]" "walltime[$1]" "grace[$1]" "directory[$1]" "script[$1]" "output[$1]" \
    "pid[$1]" "deadline[$1]" "why[$1]" "usage[$1]" "status[$1]"
}

free_cores() {
  steps_running=$((steps_running - 1))
  cores_used=$((cores_used - cores[$1]))
}

# The first reason stands; the shorter grace counts.
terminate() {
  local token=$1 kill_at=$((now + $3))
  if [[ ${phase[$token]} == running ]]; then
    phase[$token]=terminated why[$token]=$2 deadline[$token]=$kill_at
    signal_group TERM "$token"
    signal_group CONT "$token"
  elif [[ ${phase[$token]} == terminated ]] && ((kill_at < deadline[$token])); then
    deadline[$token]=$kill_at
  fi
}

# The group is there once setsid has run. Before that there is nothing but the leader.
signal_group() {
  kill -s "$1" -- "-${pid[$2]}" || [[ -n ${status[$2]-} ]] || kill -s "$1" "${pid[$2]}"
} 2>/dev/null

# Deadline 0 is none.
keep_deadline() {
  local token=$1
  ((deadline[$token] > 0 && now >= deadline[$token])) || return
  [[ ${phase[$token]} != running ]] || terminate "$token" walltime "${grace[$token]}"
  ((now >= deadline[$token])) || return
  if [[ ${phase[$token]} == terminated ]]; then
    phase[$token]=killed deadline[$token]=$((now + KILL_PATIENCE))
    signal_group KILL "$token"
  else
    phase[$token]=abandoned deadline[$token]=0
  fi
}

# A step that was told to end is over when its whole group is.
is_over() {
  [[ -n ${status[$1]-} ]] || return
  case ${phase[$1]} in
    terminated | killed) ! kill -s 0 -- "-${pid[$1]}" 2>/dev/null ;;
  esac
}

end_what_is_over() {
  local token
  for token in "${!pid[@]}"; do
    is_over "$token" || keep_deadline "$token"
    is_over "$token" || continue
    local code=${status[$token]} how=exit
    ((code <= 128 || code > 128 + 64)) || how=signal code=$((code - 128))
    record "ended $token $date $how $code ${usage[$token]-0 0} 0 ${why[$token]}"
    free_cores "$token"
    forget "$token"
  done
}

# ---- What happens

take_start() {
  local token=$1
  if ! is_token "$token"; then
    refuse 'start: not a token'
    return
  fi
  if ! are_numbers "$2" "$4" "$5"; then
    refuse 'start: not a number'
    return
  fi
  cores[$token]=$((10#$2)) gpus[$token]=$3 walltime[$token]=$((10#$4)) grace[$token]=$((10#$5))
  directory[$token]=$6 script[$token]=$7 output[$token]=$8 phase[$token]=queued why[$token]=-
  queue[queue_end++]=$token
}

# Of a step that is just starting, the cancellation waits until it has.
take_cancel() {
  is_token "$1" || return
  case ${phase[$1]-} in
    queued) drop "$1" ;;
    starting) why[$1]="cancelled $2" ;;
    running | terminated) terminate "$1" cancelled "$((10#$2))" ;;
  esac
}

take_command() {
  local kind=${command[0]} wanted=3
  case $kind in
    start) wanted=9 ;;
    cancel | capacity) ;;
    *)
      refuse 'unknown command'
      return
      ;;
  esac
  ((${#command[@]} == wanted)) || return
  set -- "${command[@]:1}"
  command=()
  case $kind in
    start) take_start "$@" ;;
    cancel) if are_numbers "$2"; then take_cancel "$1" "$2"; else refuse 'cancel: not a number'; fi ;;
    capacity)
      if are_numbers "$1" "$2"; then capacity=$((10#$1)) in_flight=$((10#$2)); else refuse 'capacity: not a number'; fi
      ;;
  esac
}

is_token() { [[ -n $1 && $1 != *[!A-Za-z0-9._-]* && ${#1} -le 200 ]]; }

step_started() {
  local cancelled=${why[$1]#cancelled }
  pid[$1]=$2 phase[$1]=running deadline[$1]=0 why[$1]=-
  ((walltime[$1] == 0)) || deadline[$1]=$((now + walltime[$1]))
  record "started $1 $2 $date"
  [[ $cancelled == - ]] || terminate "$1" cancelled "$((10#$cancelled))"
}

take_line() {
  local kind=${1%% *} rest=${1#* } part
  case $kind in
    part | field) ! $commands_open || eval "field+=$rest" ;;&
    field) ! $commands_open || { command+=("$field") field= && take_command; } ;;
    end)
      start_what_fits
      commands_open=false
      ;;
  esac
  set -- $rest
  case $kind in
    started) step_started "$1" "$2" ;;
    usage) usage[$1]="$((10#${2/[.,]/})) $((10#${3/[.,]/}))" ;;
    over) [[ -z ${phase[$1]-} ]] || status[$1]=$2 ;;
    failed)
      record "failed $1 $date $2 $3"
      free_cores "$1"
      forget "$1"
      ;;
  esac
}

# Until something has happened, or the next deadline has come.
await_event() {
  local wake=0 token line limit=()
  for token in "${!pid[@]}"; do
    ((deadline[$token] == 0)) || wake_by "${deadline[$token]}"
    [[ -z ${status[$token]-} ]] || wake_by $((now + GROUP_TICK))
  done
  ((${#unfiled[@]} == 0)) || wake_by "$records_retry"
  if ((wake > 0)); then
    local left=$((wake > now ? wake - now : 1))
    printf -v limit -- '-t%d.%03d' $((left / 1000)) $((left % 1000))
  fi
  IFS= read -r ${limit[@]+"${limit[@]}"} -u "$events" line || { tell_time && return; }
  tell_time
  take_line "$line"
  while read -t 0 -u "$events" && IFS= read -r -u "$events" line; do take_line "$line"; done
}

wake_by() { ((wake > 0 && wake <= $1)) || wake=$1; }

is_done() {
  ! $commands_open && ((steps_running == 0)) || return
  ((${#unfiled[@]} > 0)) || return 0
  ((patience_ends > 0)) || patience_ends=$((now + RECORDS_PATIENCE))
  ((now >= patience_ends)) && exit_code=1
}

for leaked in /proc/$$/fd/*; do # What leaked in here does not leak on.
  ((${leaked##*/} <= 2)) || [[ $leaked -ef $0 ]] || eval "exec ${leaked##*/}>&-"
done
exec {file}>>"$records" || exit 1
[[ ! -s $records || -z $(tail -c 1 -- "$records") ]] || torn=true
exec {events}<> <(:) {commands}<&0 </dev/null
unset MAESTRO_ATTEMPT
tell_time
record "runner $$ ${stat[21]} $(</proc/sys/kernel/random/boot_id) $date"
forward &

while :; do
  end_what_is_over
  if $commands_open; then start_what_fits; elif ! $closed; then close_queue; fi
  write_records
  if is_done; then exit "$exit_code"; fi
  await_event
done
