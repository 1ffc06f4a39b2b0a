#!/bin/bash
# The commands of fake schedulers: each is a link to this file, hands what it was called with to the fake that
# listens at the port in $FAKE_SCHEDULER_DIR/port, and prints what it answers. Written for speed: a call costs
# bash and, for long answers, one `head`.
#
# FAKE_CALL_COST_MS: CPU time that a call burns, as schedulers' commands in Python do.
LC_ALL=C
name=${0##*/}

burn() {
  local want=$1 i fields
  while :; do
    for ((i = 0; i < 1000; i++)); do :; done
    read -ra fields </proc/self/stat
    (((fields[13] + fields[14]) * 10 >= want)) && return
  done
}

# Starts so many copies of a command at once, as parallel launchers do, and exits with the worst of their codes.
launch() {
  local copies=$1 worst=0 code pids=() pid
  shift
  while ((copies-- > 0)); do
    "$@" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid"
    code=$?
    ((code > worst)) && worst=$code
  done
  exit "$worst"
}

# What a launcher is called with: options up to the first word that is none, all of them with a value.
launcher() {
  local copies=1
  while [[ $1 == -* ]]; do
    case $1 in
      -n | -np | --nrs) copies=$2 ;;
    esac
    shift 2
  done
  launch "$copies" "$@"
}

case "$name $1" in
  'flux run') shift && launcher "$@" ;;
  'flux broker')
    # An instance of its own: to what runs in it, the job around it is an attribute.
    export FAKE_FLUX_ENCLOSING=$FLUX_JOB_ID
    unset FLUX_JOB_ID
    exec "$2"
    ;;
  'flux getattr')
    [ -n "$FAKE_FLUX_ENCLOSING" ] || { echo "flux-getattr: $2: No such file or directory" >&2 && exit 1; }
    echo "$FAKE_FLUX_ENCLOSING" && exit
    ;;
  mpiexec* | jsrun*) launcher "$@" ;;
  'flux job' | 'flux version') ;;
  *) [ -z "$FAKE_CALL_COST_MS" ] || burn "$FAKE_CALL_COST_MS" ;;
esac

nobody() {
  local socket=${FLUX_URI#local://}
  case "$name $1" in
    'flux job') echo "flux-job: flux_open: No such file or directory" >&2 && exit 1 ;;
    flux*)
      echo "flux-$1: ERROR: Unable to connect to Flux: broker socket ${socket:-/run/flux/local} was not found" >&2
      exit 1
      ;;
    b*) echo 'LSF is down. Please wait ...' >&2 && exit 255 ;;
    q*)
      printf 'Connection refused\n%s: cannot connect to server fake (errno=15010)\n' "$name" >&2
      exit 255
      ;;
  esac
}

{ read -r port <"$FAKE_SCHEDULER_DIR/port" && exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || nobody "$@"

mapfile -d '' -t environment </proc/self/environ
input=
[ -t 0 ] || input=$(cat)
printf '%s\0' "$name" "$PWD" "$#" "$@" "${#environment[@]}" "${environment[@]}" "$input" >&3

if ! IFS=' ' read -r code out err <&3; then
  echo "$name: connection lost" >&2
  exit 1
fi
copy() {
  local text
  if (($1 > 2000)); then
    head -c "$1" <&3
  elif (($1 > 0)); then
    IFS= read -r -N "$1" text <&3
    printf '%s' "$text"
  fi
}
copy "$out"
copy "$err" >&2
exit "$code"
