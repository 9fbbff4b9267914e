package commands_test

import (
	"testing"

	"github.com/grupo-gad/gad/commands"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	a, b := commands.Seal("o", "dni", " 30.123.456 "), commands.Seal("o", "dni", "30.123.456")
	if a.Value != "30.123.456" || a.Index != "" || a.Owner != "o" || a.Field != "dni" {
		t.Errorf("%+v", a)
	}
	if a.Salt == b.Salt || a.Commitment() == b.Commitment() {
		t.Error("the same text twice has the same commitment: it can be guessed")
	}
	if empty := commands.SealIndexed("o", "dni", "  "); !empty.Empty() || empty.Index != "" || !empty.Commitment().IsZero() {
		t.Errorf("nothing was sealed as %+v", empty)
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"email", "ana@ejemplo.ar", " ANA@Ejemplo.AR "},
		{"dni", "30123456", "30.123.456", " 30 123 456", "30-123-456"},
		{"telefono", "+541155555555", "+54 (11) 5555-5555"},
		{"telegram_id", "123", " 123 "},
	} {
		for _, writing := range same[2:] {
			if got := commands.SealIndexed("o", same[0], writing).Index; got != same[1] {
				t.Errorf("%s %q is normally %q, want %q", same[0], writing, got, same[1])
			}
		}
	}
	if commands.Normal("email", "a.na@x.ar") == commands.Normal("email", "ana@x.ar") {
		t.Error("two e-mails became one")
	}
}
