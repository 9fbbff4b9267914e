package auth_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/grupo-gad/gad/api/auth"
)

// full is what GAD_PASSWORD_MEMORY_KIB and GAD_PASSWORD_PASSES ask for by default.
var (
	cheap = auth.Params{Memory: 64, Time: 1, Threads: 1}
	full  = auth.Params{Memory: 64 << 10, Time: 3, Threads: 1}
)

func TestPasswordsAtTheirRealCost(t *testing.T) {
	t.Parallel()
	h := auth.NewHasher(full)
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
	h := auth.NewHasher(full)
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
		"dragon2024!!!": false, "dragondragon": false, "DragonDragon99": false, "p4ssw0rd1234": false, "liverpoolfc1": false, "superman.2026": false,
		"1qaz2wsx3edc": false, "qwertyuiop[]": false, "mi gato come arroz": true,
	} {
		if err := auth.CheckPassword(password); (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// TestTheListIsWhole: a block-list that cannot be read would let everything pass.
func TestTheListIsWhole(t *testing.T) {
	t.Parallel()
	if n := auth.Listed(); n < 30_000 {
		t.Errorf("the list holds %d passwords", n)
	}
}
