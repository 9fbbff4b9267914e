package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/ident"
)

var cheap = auth.Params{Memory: 64, Time: 1, Threads: 1}

func TestPasswordsAtTheirRealCost(t *testing.T) {
	t.Parallel()
	h := auth.NewHasher(auth.DefaultParams)
	phc, err := h.Hash(t.Context(), "correcto caballo batería")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Errorf("PHC string %q", phc)
	}
	for password, want := range map[string]bool{"correcto caballo batería": true, "correcto caballo bateria": false} {
		ok, rehash, err := h.Check(t.Context(), phc, password)
		if err != nil || ok != want || rehash {
			t.Errorf("%q: %v, rehash %v, %v", password, ok, rehash, err)
		}
	}
}

func TestRehashWhenParametersRise(t *testing.T) {
	t.Parallel()
	old := auth.NewHasher(cheap)
	phc, err := old.Hash(t.Context(), "correcto caballo")
	if err != nil {
		t.Fatal(err)
	}
	h := auth.NewHasher(auth.Params{Memory: 128, Time: 1, Threads: 1})
	if ok, rehash, err := h.Check(t.Context(), phc, "correcto caballo"); !ok || !rehash || err != nil {
		t.Errorf("ok %v, rehash %v, %v", ok, rehash, err)
	}
	if ok, rehash, _ := h.Check(t.Context(), phc, "otra"); ok || rehash {
		t.Errorf("a wrong password is to be rehashed: %v %v", ok, rehash)
	}
}

func TestNobodyHasAPassword(t *testing.T) {
	t.Parallel()
	h := auth.NewHasher(cheap)
	for _, password := range []string{"", "x", "correcto caballo"} {
		if ok, _, err := h.Check(t.Context(), "", password); ok || err != nil {
			t.Errorf("%q opens nobody's account: %v, %v", password, ok, err)
		}
	}
}

func TestForeignHashes(t *testing.T) {
	t.Parallel()
	h := auth.NewHasher(cheap)
	for _, phc := range []string{
		"x", "$2a$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=64,t=1,p=1$$",
	} {
		if ok, _, err := h.Check(t.Context(), phc, "x"); ok || err == nil {
			t.Errorf("%q: %v, %v", phc, ok, err)
		}
	}
}

// TestBurstIsBounded: beyond the cores and the queue the answer is at once.
func TestBurstIsBounded(t *testing.T) {
	t.Parallel()
	h := auth.NewHasher(auth.Params{Memory: 64 << 10, Time: 3, Threads: 1})
	n := runtime.GOMAXPROCS(0) + 32 + 40
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		all.Go(func() {
			_, err := h.Hash(ctx, "correcto caballo")
			errs <- err
		})
	}
	for {
		if err := <-errs; errors.Is(err, auth.ErrOcupado) {
			break // while the others are still at work
		} else if err != nil {
			t.Fatal(err)
		}
	}
	stop() // those in the queue need not be waited for
	all.Wait()
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		"corta": false, "once caract": false, "doce caracte": true, strings.Repeat("ñandú ", 21) + "ab": true, strings.Repeat("abcdef", 22): false,
		"Password1234": false, "contraseña2024": false, "123456789012": false, "aaaaaaaaaaaa": false, "qwertyqwerty!": false,
		"abababababab": false, "admin-admin-1": false, "una frase larga y propia": true, "abcdefghijklmn": false,
	} {
		if err := auth.CheckPassword(password); (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// newDoor returns a Door over maps: what it stands on is tested with real servers in api/rest.
func newDoor(t *testing.T) (*auth.Door, *ledger) {
	t.Helper()
	l := &ledger{phc: map[string]string{}}
	return &auth.Door{
		Issuer: newBench(t).issuer, Hasher: auth.NewHasher(auth.Params{Memory: 4 << 10, Time: 1, Threads: 1}),
		Directory: l, Credentials: l, Profiles: l, Log: slog.New(slog.DiscardHandler),
	}, l
}

type ledger struct {
	mu      sync.Mutex // guards phc and lookups
	phc     map[string]string
	lookups int
}

func (l *ledger) ByEmail(_ context.Context, email string) (ident.Usuario, bool, error) {
	return ana.Usuario, email == "ana@gad.test", nil
}

func (l *ledger) Credential(_ context.Context, id string) (string, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lookups++
	phc, ok := l.phc[id]
	return phc, ok, nil
}

func (l *ledger) PutCredential(_ context.Context, id, phc string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phc[id] = phc
	return nil
}

func (l *ledger) Rehash(context.Context, string, string, string) (bool, error) { return true, nil }

func (l *ledger) Profile(context.Context, ident.Usuario) (auth.Profile, error) {
	return auth.Profile{}, errors.New("not reached")
}

// TestLoginTellsNobodyWhoExists compares what a stranger can measure.
func TestLoginTellsNobodyWhoExists(t *testing.T) {
	t.Parallel()
	d, l := newDoor(t)
	if err := d.SetPassword(t.Context(), ana.Usuario, "una frase larga y propia"); err != nil {
		t.Fatal(err)
	}
	l.lookups = 0
	// In turn, and the least disturbed of each counts: other tests share the machine.
	known, unknown := time.Hour, time.Hour
	for range 20 {
		for email, best := range map[string]*time.Duration{"ana@gad.test": &known, "nadie@gad.test": &unknown} {
			before := time.Now()
			if _, err := d.Login(t.Context(), email, "una frase equivocada"); !errors.Is(err, auth.ErrCredencial) || err.Error() != auth.ErrCredencial.Code {
				t.Fatalf("%s: %v", email, err)
			}
			*best = min(*best, time.Since(before))
		}
	}
	if ratio := float64(known) / float64(unknown); ratio < 0.5 || ratio > 2 {
		t.Errorf("a wrong password takes %s, an unknown address %s", known, unknown)
	}
	if l.lookups != 40 {
		t.Errorf("%d credential look-ups for 40 logins: the unknown take another way", l.lookups)
	}
}
