package sealed_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/sealed"
)

const sujeto = "7b0c3a52-0000-4000-8000-0000000000f1"

// The vector was computed outside Go (SHA-256 over the bytes that the package
// comment describes). It must never change: every fact ever written holds such values.
func TestCommitVector(t *testing.T) {
	t.Parallel()
	var salt sealed.Salt
	for i := range salt {
		salt[i] = byte(i)
	}
	const want = "0453886b9dad54f460705d3153cdbfad112e6bfd7a3f50b4a9698c6609245172"
	if got := sealed.Commit(sujeto, "dni", salt, "30123456").String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	text := sealed.Text{Owner: sujeto, Field: "dni", Salt: salt, Value: "30123456", Index: "x"}
	if got := text.Commitment().String(); got != want {
		t.Errorf("Text: got %s: the index is not part of it", got)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	empty := sealed.Text{Owner: sujeto, Field: "dni", Salt: sealed.Salt{1}}
	if !empty.Empty() || !empty.Commitment().IsZero() {
		t.Errorf("no text has the commitment %s", empty.Commitment())
	}
}

// No two different (owner, field, salt, value) share a commitment, not even
// when their parts join to the same bytes.
func TestCommitSeparates(t *testing.T) {
	t.Parallel()
	short := rapid.StringMatching(`[ab]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		type parts struct {
			owner, field, value string
			salt                byte
		}
		draw := func(label string) parts {
			return parts{short.Draw(t, label), short.Draw(t, label), short.Draw(t, label), rapid.ByteRange(0, 2).Draw(t, label)}
		}
		a, b := draw("a"), draw("b")
		commit := func(p parts) sealed.Commitment { return sealed.Commit(p.owner, p.field, sealed.Salt{p.salt}, p.value) }
		if (a == b) != (commit(a) == commit(b)) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func TestCommitmentText(t *testing.T) {
	t.Parallel()
	c := sealed.Commit("o", "f", sealed.Salt{}, "v")
	text, err := c.MarshalText()
	if err != nil || len(text) != 64 || strings.ToLower(string(text)) != string(text) {
		t.Fatalf("MarshalText() = %s, %v", text, err)
	}
	var back sealed.Commitment
	if err := back.UnmarshalText(text); err != nil || back != c {
		t.Errorf("UnmarshalText: %v, %v", back, err)
	}
	if err := back.UnmarshalText(nil); err != nil || !back.IsZero() {
		t.Errorf("UnmarshalText of nothing: %v, %v", back, err)
	}
	for _, bad := range []string{"00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64)} {
		if err := new(sealed.Commitment).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as a commitment", bad)
		}
	}
}
