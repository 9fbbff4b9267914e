package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/grupo-gad/gad/domain/fault"
)

var errLlena = fault.New(fault.Conflict, "caja_llena", "la caja está llena")

func TestIs(t *testing.T) {
	t.Parallel()
	because := errLlena.Because(io.ErrUnexpectedEOF).With(fault.Field{Name: "peso", Message: "sobra"})
	wrapped := fmt.Errorf("guardar: %w", because)
	for _, err := range []error{errLlena, because, wrapped, errLlena.With()} {
		if !errors.Is(err, errLlena) || fault.KindOf(err) != fault.Conflict {
			t.Errorf("%v is not its sentinel", err)
		}
	}
	if errors.Is(errLlena, fault.New(fault.Conflict, "caja_vacia", "")) || errors.Is(errLlena, io.EOF) {
		t.Error("a fault equals another one")
	}
	if !errors.Is(wrapped, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := wrapped.Error(); got != "guardar: caja_llena: unexpected EOF" {
		t.Errorf("Error() = %q", got)
	}
	if errLlena.Error() != "caja_llena" || errLlena.Unwrap() != nil || len(errLlena.Fields) != 0 {
		t.Errorf("the sentinel was changed: %+v", errLlena)
	}
}

// Copies never share the list of fields: two requests refuse at the same time.
func TestWithCopies(t *testing.T) {
	t.Parallel()
	base := errLlena.With(fault.Field{Name: "a"})
	one, two := base.With(fault.Field{Name: "b"}), base.With(fault.Field{Name: "c"})
	if len(base.Fields) != 1 || one.Fields[1].Name != "b" || two.Fields[1].Name != "c" {
		t.Errorf("%v, %v, %v", base.Fields, one.Fields, two.Fields)
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	if got := fault.KindOf(io.EOF); got != fault.Internal {
		t.Errorf("a foreign error is %v", got)
	}
	if got := fault.KindOf(nil); got != fault.Internal {
		t.Errorf("no error is %v", got)
	}
	if fault.KindOf(errors.Join(io.EOF, errLlena)) != fault.Conflict {
		t.Error("a joined fault lost its kind")
	}
}
