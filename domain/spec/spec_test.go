package spec_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/spec"
)

var errLlena = errors.New("llena")

// caja takes at most two things; the command says what to put in.
var caja = decider.Decider[int, string, string]{
	Decide: func(n int, c string) ([]string, error) {
		switch {
		case c == "":
			return nil, nil
		case n >= 2:
			return nil, errLlena
		}
		return []string{c}, nil
	},
	Evolve: func(n int, _ string) int { return n + 1 },
}

// watch records what a specification complains about.
type watch struct {
	testing.TB
	complaints []string
}

func (w *watch) Helper() {}
func (w *watch) Errorf(format string, args ...any) {
	w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
}

func (w *watch) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	runtime.Goexit()
}

func complaints(f func(testing.TB)) int {
	w := &watch{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(w)
	}()
	<-done
	return len(w.complaints)
}

func TestSpec(t *testing.T) {
	t.Parallel()
	given := func(t testing.TB, past ...string) spec.Spec[int, string, string] {
		return spec.Of(t, caja).Given(past...)
	}
	for name, f := range map[string]func(testing.TB){
		"happens": func(t testing.TB) { given(t).When("pan").Then("pan") },
		"nothing": func(t testing.TB) { given(t).When("").Then() },
		"refused": func(t testing.TB) { given(t, "a", "b").When("pan").Refused(errLlena) },
	} {
		if n := complaints(f); n != 0 {
			t.Errorf("%s: a true specification complains", name)
		}
	}
	turn := 0
	fickle := decider.Decider[int, string, string]{
		Decide: func(int, string) ([]string, error) { turn++; return []string{fmt.Sprint(turn)}, nil },
		Evolve: caja.Evolve,
	}
	for name, f := range map[string]func(testing.TB){
		"another event":    func(t testing.TB) { given(t).When("pan").Then("sal") },
		"one too many":     func(t testing.TB) { given(t).When("pan").Then() },
		"one missing":      func(t testing.TB) { given(t).When("").Then("pan") },
		"refused, not so":  func(t testing.TB) { given(t, "a", "b").When("pan").Then("pan") },
		"not refused":      func(t testing.TB) { given(t).When("pan").Refused(errLlena) },
		"another refusal":  func(t testing.TB) { given(t, "a", "b").When("pan").Refused(errors.New("vacía")) },
		"not a function":   func(t testing.TB) { spec.Of(t, fickle).When("pan").Refused(errLlena) },
		"nothing, refused": func(t testing.TB) { given(t).When("").Refused(errLlena) },
	} {
		if complaints(f) == 0 {
			t.Errorf("%s: a false specification passes", name)
		}
	}
}
