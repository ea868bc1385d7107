# Runs dockerd with the arguments given, again whenever it has ended, and keeps in /engine/starts how often it was
# started. SIGTERM ends it as its service manager would, SIGUSR1 as a crash would.

trap 'kill -TERM "$dockerd"' TERM
trap 'kill -KILL "$dockerd"' USR1

# A container is only let read the groups that its own are made in.
for mounted in $(mount -t cgroup,cgroup2 | cut -d ' ' -f 3); do
    mount -o remount,bind,rw "$mounted"
done
# Under cgroup v2, groups that limit anything are only made in one that has no processes itself.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs || :
    sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
fi

starts=0
status=0
# It ends with 0 after SIGTERM and with 137 by SIGKILL; with anything else it cannot run here.
while [ "$status" = 0 ] || [ "$status" = 137 ]; do
    # One that was killed has left it, and its number may be another process's now.
    rm -f /var/run/docker.pid
    dockerd "$@" &
    dockerd=$!
    starts=$((starts + 1))
    echo "$starts" > /engine/starts
    wait "$dockerd"
    status=$?
    # A signal ends the waiting too.
    while kill -0 "$dockerd" 2> /dev/null; do
        wait "$dockerd"
        status=$?
    done
done
exit "$status"
