package auth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/ident"
)

// slow is a database that answers after so long, without anybody waiting for it here.
type slow struct{ takes time.Duration }

func (s *slow) Standing(ctx context.Context, _ string, _ ident.Usuario) (auth.Stand, error) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < s.takes {
		return auth.Stand{}, context.DeadlineExceeded
	}
	return auth.Stand{Open: true, Version: ana.Version}, nil
}

// TestSlowStanding: whom nothing is known of waits as long as he may; whom something is known of
// is held up no longer than ever, and believed for a while.
func TestSlowStanding(t *testing.T) {
	t.Parallel()
	b, database := newBench(t), &slow{takes: 30 * time.Second}
	token, _, err := b.issuer.Issue(ana)
	if err != nil {
		t.Fatal(err)
	}
	verify := func() error { _, err := b.issuer.Verify(t.Context(), token); return err }
	b.issuer.Patient(0).Watch(database)
	if err := verify(); !errors.Is(err, auth.ErrSinPermiso) {
		t.Errorf("nothing is known, and nobody waited for it: %v", err)
	}
	b.issuer.Patient(10 * time.Minute)
	if err := verify(); err != nil {
		t.Errorf("nothing is known yet: %v", err)
	}
	database.takes = time.Hour
	for _, c := range []struct {
		later time.Duration
		want  error
	}{{auth.StandingFor, nil}, {20 * time.Second, auth.ErrSinPermiso}} {
		b.clock.advance(c.later)
		if err := verify(); !errors.Is(err, c.want) {
			t.Errorf("%s later: %v, want %v", c.later, err, c.want)
		}
	}
	database.takes = 5 * time.Second // long since: it is asked with all the patience there is
	if err := verify(); err != nil {
		t.Errorf("what was known is too old to be believed: %v", err)
	}
	b.clock.advance(auth.StandingFor)
	if err := verify(); err != nil {
		t.Errorf("somebody known is refused for a slow answer: %v", err)
	}
}
