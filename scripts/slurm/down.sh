#!/usr/bin/env bash
# Ends the Slurm that up.sh has started below a directory, its jobs included, and no other: scripts/slurm/down.sh DIR
#
# With names of daemons behind it (slurmctld, slurmd, slurmdbd, mariadbd, munged) it ends only these, and no
# jobs, as a failure would; up.sh brings them back.
set -euo pipefail

dir=$(cd "${1:?usage: down.sh DIR [DAEMON...]}" && pwd -P)
shift
daemons=("$@")
export SLURM_CONF=$dir/etc/slurm.conf PATH=$PATH:/usr/sbin:/sbin

pid_of() { # NAME: prints the pid of the process that up.sh has started under that name, if it runs
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] && echo "$pid"
}

queue() { timeout 10 squeue --noheader --all --format=%A | sort -u; }

if ((${#daemons[@]} == 0)); then
  daemons=(slurmd slurmctld slurmdbd mariadbd munged)
  if pid_of slurmctld >/dev/null && pid_of slurmd >/dev/null; then
    jobs=$(queue || true)
    [ -z "$jobs" ] || xargs timeout 30 scancel --full <<<"$jobs" || true
    for ((try = 0; try < 100; try++)); do
      [ -n "$(queue || true)" ] || break
      sleep 0.1
    done
  fi
fi

for name in "${daemons[@]}"; do
  pid=$(pid_of "$name") || continue
  # slurmd would wait five seconds for jobs that are gone already.
  if [ "$name" = slurmd ]; then kill -KILL "$pid"; else kill "$pid"; fi
  for ((try = 0; try < 150; try++)); do
    pid_of "$name" >/dev/null || break
    sleep 0.1
  done
  if pid_of "$name" >/dev/null; then kill -KILL "$pid"; fi
  rm -f "$dir/run/$name.pid"
done
