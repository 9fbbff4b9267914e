#!/bin/sh
# Prints where tests put their files: in memory where there is room, since the databases that they
# make and drop cost a file system on a disk more than the questions asked of them; else where
# temporary files lie. A TMPDIR that was chosen stays.
set -eu

room_kib=8388608 # what the tests of some packages at a time need, and as much again

roomy() {
	[ -z "${TMPDIR-}" ] && [ -w /dev/shm ] || return 1
	# Temporary files are run, too.
	awk '$2 == "/dev/shm" && $3 == "tmpfs" && $4 !~ /noexec/ { found = 1 } END { exit !found }' /proc/mounts || return 1
	[ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -ge $room_kib ] || return 1
	[ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -ge $room_kib ]
}

if roomy 2>/dev/null; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
