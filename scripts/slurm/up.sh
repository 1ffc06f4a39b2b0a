#!/usr/bin/env bash
# Starts a private Slurm of one node below a directory, on loopback, as root: for the tests, and to try a study.
#
#   scripts/slurm/up.sh [options] DIR      then: . DIR/env
#
#   --accounting      with slurmdbd and MariaDB, so that sacct works; without it the site has no accounting
#   --no-comments     accounting does not store the comments of jobs, as at many sites
#   --cpus N          processors that the node pretends to have (8)
#   --gpus N          gpus that it pretends to have (0)
#   --install         fetches the Debian packages that are missing
#
# Nothing outside DIR is touched but the packages. What runs already is left alone, so that the command can be
# repeated: after a daemon was killed it starts that one again. down.sh ends all of it.
set -euo pipefail

accounting=no comments=yes cpus=8 gpus=0 install=no dir=
usage() { sed -n 's/^# \{0,1\}//; 3,12p' "$0" >&2; exit 2; }
while (($# > 0)); do
  case $1 in
    --accounting) accounting=yes ;;
    --no-comments) comments=no ;;
    --cpus) cpus=${2:?--cpus needs a number}; shift ;;
    --gpus) gpus=${2:?--gpus needs a number}; shift ;;
    --install) install=yes ;;
    -*) usage ;;
    *) dir=$1 ;;
  esac
  shift
done
[ -n "$dir" ] || usage
[ "$(id -u)" = 0 ] || { echo 'up.sh: slurmd starts jobs as their users, so this must run as root' >&2; exit 1; }

export PATH=$PATH:/usr/sbin:/sbin
programs=(munged slurmctld slurmd sbatch)
packages=(munge slurmctld slurmd slurm-client)
if [ $accounting = yes ]; then
  programs+=(slurmdbd mariadbd)
  packages+=(slurmdbd slurm-wlm-mysql-plugin mariadb-server)
fi
missing=()
for program in "${programs[@]}"; do command -v "$program" >/dev/null || missing+=("$program"); done
if ((${#missing[@]} > 0)); then
  if [ $install = no ]; then
    echo "up.sh: ${missing[*]} not found; --install fetches the Debian packages ${packages[*]}" >&2
    exit 1
  fi
  # Their own services would take the ports of a Slurm that is not this one; policy-rc.d keeps them from starting.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f '$policy EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

mkdir -p "$dir"
dir=$(cd "$dir" && pwd -P)
mkdir -p "$dir"/{etc,run,log,state,spool,dev}
chmod 755 "$dir" "$dir/etc" "$dir/run"
chmod 700 "$dir/state" "$dir/log"
node=$(hostname -s)
conf=$dir/etc/slurm.conf
export SLURM_CONF=$conf

# Four ports in a row below the range that the kernel gives away, kept for as long as the directory lives.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
if [ ! -s "$dir/etc/port" ]; then
  for ((try = 0; try < 100; try++)); do
    port=$((16000 + (RANDOM % 4000) * 4))
    if port_is_free $port && port_is_free $((port + 1)) && port_is_free $((port + 2)) && port_is_free $((port + 3))
    then
      echo $port >"$dir/etc/port"
      break
    fi
  done
fi
port=$(<"$dir/etc/port")

alive() { # NAME: whether the process that this script has started under that name runs
  local pid
  pid=$(cat "$dir/run/$1.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]
}

start() { # NAME COMMAND...: in a session of its own, its output in log/NAME.out
  local name=$1
  shift
  if alive "$name"; then return; fi
  setsid "$@" </dev/null >>"$dir/log/$name.out" 2>&1 &
  echo $! >"$dir/run/$name.pid"
}

await() { # NAME COMMAND...: until the command succeeds, half a minute at most, or the daemon has died
  local name=$1 try
  shift
  for ((try = 0; try < 300; try++)); do
    if timeout 10 "$@" </dev/null >/dev/null 2>&1; then return; fi
    sleep 0.1
    # A daemon may need a moment to take its name.
    if ((try > 20)) && ! alive "$name"; then break; fi
  done
  echo "up.sh: $name did not come up:" >&2
  tail -n 5 "$dir/log/$name.out" "$dir/log/$name.log" >&2 2>/dev/null || true
  exit 1
}

# munge: who asks is who he says.
[ -s "$dir/etc/munge.key" ] || (umask 077 && head -c 1024 /dev/urandom >"$dir/etc/munge.key")
start munged munged --foreground --force --num-threads=2 --key-file="$dir/etc/munge.key" \
  --socket="$dir/run/munge.socket" --pid-file="$dir/run/munged.own" --seed-file="$dir/state/munge.seed" \
  --log-file="$dir/log/munged.log"
await munged munge --no-input --socket="$dir/run/munge.socket"

gres=
: >"$dir/etc/gres.conf"
if ((gpus > 0)); then
  # Slurm wants devices: twins of /dev/null.
  for ((i = 0; i < gpus; i++)); do [ -c "$dir/dev/nvidia$i" ] || mknod "$dir/dev/nvidia$i" c 1 3; done
  echo "NodeName=$node Name=gpu Type=fake File=$dir/dev/nvidia[0-$((gpus - 1))]" >"$dir/etc/gres.conf"
  gres="Gres=gpu:fake:$gpus"
fi

storage=AccountingStorageType=accounting_storage/none
if [ $accounting = yes ]; then
  storage="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 2))
AccountingStoragePass=$dir/run/munge.socket"
  [ $comments = no ] || storage+=$'\nAccountingStoreFlags=job_comment'
fi

: >"$dir/etc/plugstack.conf"
cat >"$conf" <<CONF
ClusterName=private
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
MailProg=/bin/true
AuthInfo=socket=$dir/run/munge.socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPidFile=$dir/run/slurmctld.own
SlurmdPidFile=$dir/run/slurmd.own
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
PlugStackConfig=$dir/etc/plugstack.conf
$storage
# The node has what is said here, whatever the machine has.
SlurmdParameters=config_overrides
MpiDefault=none
# Processes of a job that its own script has left behind are ended too, by their group.
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
EnforcePartLimits=ALL
ReturnToService=2
# Short waits: nobody else's jobs are disturbed.
KillWait=2
MessageTimeout=5
SlurmdTimeout=20
BatchStartTimeout=10
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1,default_queue_depth=1000
MinJobAge=300
MaxJobCount=20000
MaxArraySize=10001
GresTypes=gpu
NodeName=$node NodeAddr=127.0.0.1 CPUs=$cpus Sockets=1 CoresPerSocket=$cpus ThreadsPerCore=1 $gres
PartitionName=debug Nodes=$node Default=YES MaxTime=60 DefaultTime=10 State=UP
PartitionName=batch Nodes=$node MaxTime=INFINITE DefaultTime=60 State=UP
CONF
echo "export SLURM_CONF=$conf" >"$dir/env"

if [ $accounting = yes ]; then
  if [ ! -d "$dir/db/mysql" ]; then
    mariadb-install-db --no-defaults --user=root --datadir="$dir/db" --skip-test-db \
      --auth-root-authentication-method=socket >"$dir/log/install-db.log" 2>&1
  fi
  start mariadbd mariadbd --no-defaults --user=root --datadir="$dir/db" --socket="$dir/run/mariadb.socket" \
    --bind-address=127.0.0.1 --port=$((port + 3)) --skip-name-resolve --innodb-buffer-pool-size=64M \
    --innodb-flush-log-at-trx-commit=0 --innodb-lock-wait-timeout=900 --pid-file="$dir/run/mariadbd.own"
  await mariadbd mariadb --no-defaults --socket="$dir/run/mariadb.socket" --execute="
    CREATE DATABASE IF NOT EXISTS slurm_acct_db;
    CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY 'slurm';
    GRANT ALL ON slurm_acct_db.* TO 'slurm'@'127.0.0.1'"
  (
    umask 077
    cat >"$dir/etc/slurmdbd.conf" <<CONF
AuthInfo=socket=$dir/run/munge.socket
DbdHost=$node
DbdAddr=127.0.0.1
DbdPort=$((port + 2))
SlurmUser=root
LogFile=$dir/log/slurmdbd.log
PidFile=$dir/run/slurmdbd.own
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((port + 3))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
CommitDelay=1
CONF
  )
  start slurmdbd slurmdbd -D
  await slurmdbd sh -c \
    'sacctmgr -n list cluster format=cluster | grep -q private || sacctmgr -i add cluster private'
fi

start slurmctld slurmctld -D -f "$conf"
await slurmctld scontrol ping
start slurmd slurmd -D -f "$conf"
await slurmd sh -c 'sinfo -h -o %T | grep -qE "^(idle|mixed|allocated|completing)$"'
echo "a Slurm of one node with $cpus processors runs; to use it: . $dir/env"
