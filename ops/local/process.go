package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errStopped answers Restart after Stop.
var errStopped = errors.New("private server was stopped for good")

// account is the user a server runs as; nil means ourselves.
type account struct {
	name     string
	uid, gid int
}

// serverAccount returns the account PostgreSQL must run as: nil unless we are root.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root and there is no user postgres"+
			" (the Debian package postgresql-common creates it): %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, fmt.Errorf("read uid of user postgres: %w", err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, fmt.Errorf("read gid of user postgres: %w", err)
	}
	return &account{name: u.Username, uid: uid, gid: gid}, nil
}

// spec says how to start one child process.
type spec struct {
	path    string
	args    []string
	dir     string
	log     *os.File // stdout and stderr; must be a file: a pipe would tie the child to us
	account *account
	onDeath syscall.Signal // sent by the kernel when this process dies
}

// process is a running child. Its end is seen by whoever waits on done.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once the child has been reaped
	err  error         // how it ended; read it only after done
}

// launch starts the child and reaps it in the background.
func launch(s spec) (*process, error) {
	cmd := exec.Command(s.path, s.args...) //nolint:noctx // our own servers; they outlive any one context
	cmd.Dir = s.dir
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.SysProcAttr = processAttributes(s)

	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel's signal on our death is bound to the thread that forked: keep that
		// thread alive until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.path, err)
	}
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal sends sig; a child that has already ended is no error.
func (p *process) signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal process %d: %w", p.pid(), err)
	}
	return nil
}

// stop asks politely with sig, and kills when ctx ends first.
func (p *process) stop(ctx context.Context, sig syscall.Signal) error {
	if err := p.signal(sig); err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		if err := p.signal(syscall.SIGKILL); err != nil {
			return err
		}
		<-p.done
		return fmt.Errorf("stop process %d in time: %w", p.pid(), ctx.Err())
	}
}

// run executes a short-lived program and returns what it printed when it fails.
func run(ctx context.Context, s spec) error {
	cmd := exec.CommandContext(ctx, s.path, s.args...)
	cmd.Dir = s.dir
	cmd.Env = environment()
	cmd.SysProcAttr = processAttributes(s)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("run %s: %w\n%s", s.path, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// environment is ours without what would lead a PostgreSQL program to another server, and
// with a language in which its messages are known.
func environment() []string {
	env := make([]string, 0, len(os.Environ())+1)
	for _, kv := range os.Environ() {
		if strings.HasPrefix(kv, "PG") || strings.HasPrefix(kv, "LC_") || strings.HasPrefix(kv, "LANG") {
			continue
		}
		env = append(env, kv)
	}
	return append(env, "LC_ALL=C")
}

// alive reports whether a process with this id runs. One that has ended but that nobody has
// reaped does not: in a container without an init it stays for ever.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// endOrphan stops a server that a killed run has left behind: sig first, SIGKILL after grace.
func endOrphan(ctx context.Context, pid int, sig syscall.Signal, grace time.Duration) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop orphan %d: %w", pid, err)
	}
	deadline := time.Now().Add(grace)
	for alive(pid) {
		if time.Now().After(deadline) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("kill orphan %d: %w", pid, err)
			}
			deadline = time.Now().Add(grace)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("wait for orphan %d to end: %w", pid, err)
		}
	}
	return nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
