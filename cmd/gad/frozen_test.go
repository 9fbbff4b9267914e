package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/grupo-gad/gad/domain/permiso"
)

// signalTree signals a process and its children: a postmaster and its backends. It goes first,
// so that one who is stopped forks nobody after his children were listed.
func signalTree(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		var child, parent int
		var state string
		id, _, _ := strings.Cut(string(text), " ")
		_, rest, _ := strings.Cut(string(text), ") ") // the name in between may hold anything
		if _, err := fmt.Sscan(rest, &state, &parent); err != nil || parent != pid {
			continue
		}
		if _, err := fmt.Sscan(id, &child); err == nil {
			pids = append(pids, child)
		}
	}
	for _, p := range pids {
		_ = syscall.Kill(p, sig) // a backend may have ended meanwhile
	}
}

// TestPostgresFrozen stops the database without closing a connection: the worst way to be away.
func TestPostgresFrozen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boundedSettings)
	c := w.as(permiso.Supervisor)
	order := func() answer {
		return c.do("POST", "/api/v1/tareas", map[string]any{"titulo": "Patrulla de la tarde", "tipo": "patrullaje"})
	}
	eventually(t, "orders go through before", func() bool { return order().status == http.StatusCreated })
	pid := w.servers.postgres.Pid()
	signalTree(t, pid, syscall.SIGSTOP)
	thawed := false
	t.Cleanup(func() {
		if !thawed {
			signalTree(t, pid, syscall.SIGCONT)
		}
	})
	for range 6 {
		if a := order(); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("an order on a frozen database answers %d %s", a.status, a.body)
		}
		if a := c.do("GET", "/api/v1/tareas", nil); a.status != http.StatusServiceUnavailable {
			t.Errorf("a read on a frozen database answers %d %s", a.status, a.body)
		}
		if a := c.do("GET", "/livez", nil); a.status != http.StatusOK {
			t.Errorf("/livez answers %d", a.status)
		}
	}
	if a := c.do("GET", "/readyz", nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", a.status)
	}
	eventually(t, "the breaker opens", func() bool { return w.sys.breakers.postgres.Check() != nil })
	signalTree(t, pid, syscall.SIGCONT)
	thawed = true
	eventually(t, "orders go through again", func() bool { return order().status == http.StatusCreated })
	eventually(t, "reads go through again", func() bool { return c.do("GET", "/api/v1/tareas", nil).status == http.StatusOK })
	eventually(t, "no connection stays taken", func() bool { return w.sys.pool.Stat().AcquiredConns() < w.sys.settings.DatabaseConns/2 })
}
