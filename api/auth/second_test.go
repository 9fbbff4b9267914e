package auth_test

import (
	"encoding/base32"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestRFC holds the vectors of RFC 4226 (appendix D) and RFC 6238 (appendix B, six digits).
func TestRFC(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := auth.HOTP(secret, int64(counter)); got != want {
			t.Errorf("HOTP %d is %s, want %s", counter, got, want)
		}
	}
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := auth.TOTP(secret, time.Unix(at, 0)); got != want {
			t.Errorf("TOTP at %d is %s, want %s", at, got, want)
		}
	}
}

// enrol sets a second factor up and returns its secret and the recovery codes.
func (h *hall) enrol(who auth.Identity) (secret []byte, recovery []string) {
	h.t.Helper()
	second, err := h.door.BeginSecond(h.t.Context(), who, goodPassword, "ana@gad.test")
	if err != nil {
		h.t.Fatal(err)
	}
	if secret, err = base32.StdEncoding.DecodeString(second.Secret); err != nil || len(secret) != 20 || !strings.HasPrefix(second.URI, "otpauth://totp/gad:ana@gad.test?") {
		h.t.Fatalf("%+v, %v", second, err)
	}
	if recovery, err = h.door.ConfirmSecond(h.t.Context(), who, auth.TOTP(secret, h.clock.now())); err != nil {
		h.t.Fatal(err)
	}
	return secret, recovery
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	id := h.person("ana@gad.test", permiso.Efectivo)
	who := h.in("")
	_, err := h.door.BeginSecond(t.Context(), who, "otra frase larga", "x")
	refused(t, err, auth.ErrPropia)
	_, err = h.door.ConfirmSecond(t.Context(), who, "000000")
	refused(t, err, auth.ErrSegundoAusente)
	secret, recovery := h.enrol(who)
	if stored, _, err := h.kept.Second(t.Context(), string(id)); err != nil || strings.Contains(string(stored), string(secret)) {
		t.Errorf("the secret is kept in clear, %v", err)
	}
	_, err = h.door.BeginSecond(t.Context(), who, goodPassword, "x")
	refused(t, err, auth.ErrSegundoActivo)

	// Without it, with a wrong one, with the step that enrolled: nobody.
	_, err = h.login("ana@gad.test", goodPassword, "")
	refused(t, err, auth.ErrFaltaSegundo)
	_, err = h.login("ana@gad.test", goodPassword, "000000")
	refused(t, err, auth.ErrSegundo)
	_, err = h.login("ana@gad.test", goodPassword, auth.TOTP(secret, h.clock.now()))
	refused(t, err, auth.ErrSegundo)
	h.clock.advance(30 * time.Second)
	code := auth.TOTP(secret, h.clock.now())
	h.in(code)
	_, err = h.login("ana@gad.test", goodPassword, code)
	refused(t, err, auth.ErrSegundo)
	h.clock.advance(2 * time.Minute)
	_, err = h.login("ana@gad.test", goodPassword, auth.TOTP(secret, h.clock.now().Add(-time.Minute)))
	refused(t, err, auth.ErrSegundo)

	// Ten recovery codes, each once, however they are written.
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	h.in(strings.ToUpper(strings.ReplaceAll(recovery[0], "-", " ")))
	_, err = h.login("ana@gad.test", goodPassword, recovery[0])
	refused(t, err, auth.ErrSegundo)

	// Of many at once with one code one gets in.
	var wg sync.WaitGroup
	results := make(chan error, 4)
	for range cap(results) {
		wg.Go(func() {
			_, err := h.login("ana@gad.test", goodPassword, recovery[1])
			results <- err
		})
	}
	wg.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, auth.ErrSegundo) && !errors.Is(err, auth.ErrIntentos) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d got in with one recovery code", won)
	}
	h.clock.advance(16 * time.Minute)
	refused(t, h.door.DropSecond(t.Context(), who, goodPassword, "000000"), auth.ErrSegundo)
	if err := h.door.DropSecond(t.Context(), who, goodPassword, auth.TOTP(secret, h.clock.now())); err != nil {
		t.Error(err)
	}
	h.in("")
	h.wantFacts(map[string]int{"usuario.segundo_factor_activado": 1, "usuario.segundo_factor_desactivado": 1})
}

// TestRequiredSecondFactor: a rol that needs one can do nothing before.
func TestRequiredSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHall(t, func(d *auth.Deps) { d.Settings.SecondRequired = true })
	h.person("jefa@gad.test", permiso.Supervisor)
	h.person("ana@gad.test", permiso.Efectivo)
	if h.in("").Limited {
		t.Error("an Efectivo is held back")
	}
	tokens, err := h.login("jefa@gad.test", goodPassword, "")
	if err != nil || !tokens.Limited {
		t.Fatalf("a supervisor without a second factor: limited %v, %v", tokens.Limited, err)
	}
	who, err := h.issuer.Verify(t.Context(), tokens.Access)
	if err != nil || !who.Limited {
		t.Fatalf("%+v, %v", who, err)
	}
	h.enrol(who)
	renewed, err := h.door.Refresh(t.Context(), tokens.Refresh)
	if err != nil || renewed.Limited {
		t.Errorf("after setting it up: limited %v, %v", renewed.Limited, err)
	}
	who, err = h.issuer.Verify(t.Context(), renewed.Access)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, h.door.DropSecond(t.Context(), who, goodPassword, "000000"), auth.ErrSegundoObligatorio)
}
