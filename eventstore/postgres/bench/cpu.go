package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// meter reads the processor time that this process and the server have used. On a machine
// that does other things as well it tells more than rates do.
type meter struct{ postmaster int }

// newMeter finds the server among the processes of this machine; elsewhere, or without /proc,
// its part counts as nothing.
func newMeter(ctx context.Context, pool *pgxpool.Pool) (meter, error) {
	var pid int
	if err := pool.QueryRow(ctx, "select pg_backend_pid()").Scan(&pid); err != nil {
		return meter{}, fmt.Errorf("find the server: %w", err)
	}
	parent, _, _ := stat(strconv.Itoa(pid))
	return meter{postmaster: parent}, nil
}

// tick is the unit of /proc: USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// used returns the processor time so far: this process's, and the server's.
func (m meter) used() (ours, server time.Duration) {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		ours = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	if m.postmaster == 0 {
		return ours, 0
	}
	processes, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, p := range processes {
		if parent, spent, ok := stat(filepath.Base(filepath.Dir(p))); ok && parent == m.postmaster {
			server += spent
		}
	}
	return ours, server
}

// stat reads a process's parent and processor time.
func stat(pid string) (parent int, spent time.Duration, ok bool) {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, 0, false
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 13 {
		return 0, 0, false
	}
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return parent, time.Duration(user+system) * tick, true
}
