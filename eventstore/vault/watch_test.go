package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestOffer: a KEK that one process does not have is not put to use, and nothing was changed;
// once it has it, everybody wraps with it.
func TestOffer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	old, next := newKEK(t), newKEK(t)
	here, there := open(t, db.App, vault.NewKeyring(old)), open(t, db.App, vault.NewKeyring(old))
	given := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan error, 1)
	go func() {
		watched <- there.Watch(ctx, vault.Watcher{
			Name: "there/1", Trouble: func(err error) { t.Error(err) },
			Load: func() (*vault.Keyring, error) {
				select {
				case <-given:
					return vault.NewKeyring(old, next), nil
				default:
					return vault.NewKeyring(old), nil
				}
			},
		})
	}()
	defer func() {
		stop()
		if err := <-watched; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	if err := here.Offer(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	wait(t, "an objection", func() bool { return errors.Is(here.Objections(t.Context(), next), vault.ErrObjected) })
	if err := here.Withdraw(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	var keys int
	if err := db.App.QueryRow(t.Context(), `select count(*) from boveda.keks`).Scan(&keys); err != nil || keys != 1 {
		t.Errorf("%d keys after the offer was taken back: %v", keys, err)
	}

	close(given)
	if err := here.Offer(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	wait(t, "no objection", func() bool { return here.Objections(t.Context(), next) == nil })
	if err := here.Announce(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if err := here.Withdraw(t.Context(), next); err != nil { // too late: it is in use
		t.Fatal(err)
	}
	var texts []sealed.Text
	wait(t, "there wraps with the new one", func() bool {
		texts = append(texts, text(uuid.NewString(), "nombre", "Ana"))
		mustStore(t, there, db.App, texts[len(texts)-1])
		var kek string
		err := db.App.QueryRow(t.Context(), `select kek from boveda.claves where titular = $1`, texts[len(texts)-1].Owner).Scan(&kek)
		return err == nil && kek == next.ID
	})
	if _, err := here.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := reveal(t, there, texts...); len(got) != len(texts) {
		t.Errorf("%d of %d texts are read", len(got), len(texts))
	}
}

// wait looks again until ok, up to a minute.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline, again := time.NewTimer(time.Minute), time.NewTicker(50*time.Millisecond)
	defer deadline.Stop()
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		case <-again.C:
		}
	}
}
