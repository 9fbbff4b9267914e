package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grupo-gad/gad/ops/local"
)

// asProgram makes this test binary behave as gad: for tests that kill it.
const asProgram = "GAD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, 0, "gad audit verify"},
		{[]string{"nada"}, 2, "nada"},
		{[]string{"dev", "--nada"}, 2, "no existe la opción --nada\nProbá: gad dev --help"},
		{[]string{"dev", "--http"}, 2, "falta el valor de --http"},
		{[]string{"simulate", "--speed", "muy"}, 2, `"muy" no sirve como valor de --speed`},
		{[]string{"rebuild"}, 2, "se espera: gad rebuild PROYECCION"},
		{[]string{"rebuild", "nada"}, 2, "tareas, "},
		{[]string{"audit", "nada"}, 2, "no existe gad audit nada\nProbá: gad audit --help"},
		{[]string{"admin", "create-user", "--nombre", "Ana"}, 2, "falta --apellido, --email, --rol"},
		{[]string{"admin", "keys"}, 0, "rotate-vault"},
		{[]string{"config", "print", "--config", "/no/existe"}, 1, "revisá la ruta"},
		{[]string{"config", "print", "--config", "/no/existe"}, 1, "/no/existe"},
		{[]string{"migrate", "status", "--data", t.TempDir()}, 1, "GAD_MIGRATE_DATABASE_URL"},
		{[]string{"audit", "verify", "--data", t.TempDir()}, 1, "gad dev"},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("gad %v exits with %d and says %q", c.args, code, out.String())
		}
	}
}

// TestEverySubcommandHelps: each has an example and a sentence.
func TestEverySubcommandHelps(t *testing.T) {
	t.Parallel()
	for _, c := range rootCommand().Commands() {
		if c.Name() != "help" && (c.Short == "" || c.Example == "") {
			t.Errorf("gad %s has no sentence or no example", c.Name())
		}
	}
}

// TestKilledAndStartedAgain kills gad dev and its servers outright: the next start works on
// what it finds, and Ctrl-C then ends everything.
func TestKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	root, err := local.ScratchDir()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(root, "killed")
	first := startProgram(t, data)
	for _, file := range []string{"postgres/data/postmaster.pid", "redis/redis.pid"} {
		text, err := os.ReadFile(filepath.Join(data, file))
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed: its error is what was wanted
	second := startProgram(t, data)
	before, err := os.ReadFile(filepath.Join(data, "dev-credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("gad dev ended by Ctrl-C with %v", err)
	}
	if !strings.Contains(string(before), `"administrador@gad.localhost"`) {
		t.Errorf("the credentials read %s", before)
	}
}

// startProgram runs gad dev as a process of its own and waits for its address.
func startProgram(t *testing.T, data string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute)
	t.Cleanup(cancel)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "dev", "--data", data, "--http", "127.0.0.1:0", "--demo=false")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = testLog{t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	n, err := io.ReadAtLeast(out, line, len("listo http://127.0.0.1:0"))
	if err != nil || !strings.HasPrefix(string(line[:n]), "listo http://127.0.0.1:") {
		t.Fatalf("gad dev says %q, %v", line[:n], err)
	}
	return cmd
}
