package local

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// minPostgres is the oldest PostgreSQL that gad is tested with.
const minPostgres = 15

// ErrNotInstalled says that a program is missing; its text names the Debian package.
var ErrNotInstalled = errors.New("not installed")

// Binaries are the programs of one PostgreSQL version.
type Binaries struct {
	Dir   string // holds initdb, postgres, ...
	Major int
}

// FindPostgres returns the newest PostgreSQL on this machine that is new enough. A cluster
// opens only with the version that made it: major names that one, or is 0.
func FindPostgres(major int) (Binaries, error) {
	found := debianVersions()
	if b, ok := onPath(); ok {
		found = append(found, b)
	}
	slices.SortStableFunc(found, func(a, b Binaries) int { return cmp.Compare(b.Major, a.Major) })
	for _, b := range found {
		if b.Major == major || (major == 0 && b.Major >= minPostgres) {
			return b, nil
		}
	}
	switch {
	case major != 0:
		return Binaries{}, fmt.Errorf("PostgreSQL %d, which made this data, is %w: apt-get install postgresql-%d postgresql-%d-postgis-3",
			major, ErrNotInstalled, major, major)
	case len(found) > 0:
		return Binaries{}, fmt.Errorf("PostgreSQL %d or newer is %w (found %d in %s): apt-get install postgresql postgis postgresql-postgis",
			minPostgres, ErrNotInstalled, found[0].Major, found[0].Dir)
	default:
		return Binaries{}, fmt.Errorf("PostgreSQL is %w: apt-get install postgresql postgresql-postgis", ErrNotInstalled)
	}
}

// HasPostGIS reports whether the extension's files are installed for this version.
func (b Binaries) HasPostGIS() bool {
	for _, control := range []string{
		fmt.Sprintf("/usr/share/postgresql/%d/extension/postgis.control", b.Major),
		filepath.Join(b.Dir, "../share/extension/postgis.control"),
		filepath.Join(b.Dir, "../share/postgresql/extension/postgis.control"),
	} {
		if _, err := os.Stat(control); err == nil {
			return true
		}
	}
	return false
}

// postgisLibrary is what PostGIS is in the server, of any 3.x.
const postgisLibrary = "postgis-3"

// preloadable reports whether the library lies where the server looks for it.
func (b Binaries) preloadable() bool {
	for _, lib := range []string{"../lib", "../lib/postgresql"} {
		if _, err := os.Stat(filepath.Join(b.Dir, lib, postgisLibrary+".so")); err == nil {
			return true
		}
	}
	return false
}

func (b Binaries) path(program string) string { return filepath.Join(b.Dir, program) }

func debianVersions() []Binaries {
	var found []Binaries
	matches, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is well formed
	for _, m := range matches {
		dir := filepath.Dir(m)
		if major, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil {
			found = append(found, Binaries{Dir: dir, Major: major})
		}
	}
	return found
}

func onPath() (Binaries, bool) {
	p, err := exec.LookPath("postgres")
	if err != nil {
		return Binaries{}, false
	}
	if p, err = filepath.EvalSymlinks(p); err != nil {
		return Binaries{}, false
	}
	out, err := exec.Command(p, "--version").Output() //nolint:noctx // prints a line and ends
	if err != nil {
		return Binaries{}, false
	}
	// postgres (PostgreSQL) 16.3 (...)
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return Binaries{}, false
	}
	digits, _, _ := strings.Cut(words[2], ".")
	major, err := strconv.Atoi(strings.TrimRight(digits, "abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		return Binaries{}, false
	}
	return Binaries{Dir: filepath.Dir(p), Major: major}, true
}
