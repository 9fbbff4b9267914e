package vault_test

import (
	"encoding/hex"
	"testing"

	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/pgtest"
)

func TestLookupFindsTheHolder(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	// As the append writes a claim by secret.
	_, err := db.App.Exec(t.Context(), `insert into eventos.claims (space, key, stream) values ('usuario.email', $1, 'usuario-1')`,
		accept.SecretKey+hex.EncodeToString(v.IndexKey("usuario.email", "ana@example.org")))
	if err != nil {
		t.Fatal(err)
	}
	if stream, ok, err := v.Lookup(t.Context(), "usuario.email", "ana@example.org"); err != nil || !ok || stream != "usuario-1" {
		t.Errorf("got %q %v %v", stream, ok, err)
	}
	for _, miss := range [][2]string{{"usuario.email", "otra@example.org"}, {"usuario.telegram_id", "ana@example.org"}} {
		if stream, ok, err := v.Lookup(t.Context(), miss[0], miss[1]); err != nil || ok {
			t.Errorf("%v: got %q %v %v", miss, stream, ok, err)
		}
	}
}
