# Runs one job of a task, in a container. The step of the study that is the job reads this file as POSIX shell, with
# $settings, the file of its task's settings, and $number, the job's number.
#
# Most jobs are short, so what every job does is done by the shell itself: a process more costs a millisecond.

# shellcheck shell=sh disable=SC1090,SC2154

. "$settings"
name=job_configId_$number
output=$outputs/$name
inside=$outputs_inside/$name
container=$container_prefix-$number
log=$output/$name.log

# Whether the output directory holds anything but the log.
has_output() {
  for entry in "$output"/* "$output"/.[!.]* "$output"/..?*; do
    if [ "$entry" != "$log" ] && { [ -e "$entry" ] || [ -L "$entry" ]; }; then return 0; fi
  done
  return 1
}

# What an earlier run has left; a job may have made directories that its owner cannot look into.
empty_output() {
  if [ -e "$log" ] || [ -L "$log" ] || has_output; then
    rm -rf -- "$output" 2>/dev/null || { chmod -R u+rwx -- "$output" && rm -rf -- "$output"; }
  fi
  [ -d "$output" ] || mkdir -p -- "$output"
}

# The head of the log, of the same length whatever the status: it is written again when the job has ended.
head_of_log() {
  printf 'name    %s of %s\nnode    %s\nstatus  %-40.40s\n\n' "$name" "$task" "$node" "$1"
}

# Takes the first device that no other job has. The lock is the kernel's, and goes with the last process that has
# descriptor 9 open.
take_device() {
  while :; do
    for device in $device_names; do
      exec 9>>"$device_locks/$device" || return 1
      if flock -n 9; then
        devices=$device
        return 0
      fi
    done
    sleep 1
  done
}

finish() {
  head_of_log "$2" >&4
  exit "$1"
}

empty_output || exit 1
read -r node </proc/sys/kernel/hostname || node=${HOSTNAME-}

# All of the log's descriptors are opened before the job can put something else in the log's place: 3 and 4 stand at
# its beginning, for the head now and at the end, and 5 at its end, wherever that is.
exec 3>"$log" 4<>"$log" 5>>"$log" || exit 1
head_of_log running >&3
exec 3>&-

input_bare='' input_single='' input_double=''
if [ -n "$inputs" ]; then . "$inputs/$((number / 100))"; fi
if [ -n "$device_names" ]; then take_device || finish 1 'failed: no device'; fi
devices=${devices:-${CUDA_VISIBLE_DEVICES--1}}
set_command

ended='' caller=''
end_job() {
  ended=yes
  if [ -n "$caller" ]; then
    end_container
    kill -TERM "$caller" 2>/dev/null
  fi
}
trap end_job TERM
if [ -z "$outlives_caller" ]; then
  # A signal to the job's process group ends the container too, and the shell heeds it then.
  # The job itself must not hold the lock of its device: it could let go of it. This shell does, and outlives the job.
  run_container >&5 2>&5 4>&- 5>&- 9>&-
  status=$?
else
  run_container >&5 2>&5 4>&- 5>&- &
  caller=$!
  if [ -n "$ended" ]; then end_job; fi
  wait "$caller"
  status=$?
  # A signal ends the wait, not what is waited for.
  while [ -n "$ended" ] && kill -0 "$caller" 2>/dev/null; do
    wait "$caller"
    status=$?
  done
fi

if [ -n "$ended" ]; then finish 143 killed; fi
# Where a whole container's memory is bounded, the kernel ends a process that wants more, and nobody says why.
if [ "$status" -eq 137 ]; then finish 137 'failed: exit code 137, out of memory?'; fi
if [ "$status" -ne 0 ]; then finish "$status" "failed: exit code $status"; fi
if has_output; then finish 0 'done'; fi
printf '\nThe job ended well, but left nothing in its output directory.\n' >&5
finish 1 'failed: it left no output'
