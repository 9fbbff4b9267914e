package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/pgtest"
)

func newKEK(t *testing.T) vault.KEK {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	kek, err := vault.NewKEK(key)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

func open(t *testing.T, pool *pgxpool.Pool, keys *vault.Keyring) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), pool, keys)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func text(owner, field, value string) sealed.Text {
	t := sealed.Text{Owner: owner, Field: field, Value: value}
	_, _ = rand.Read(t.Salt[:])
	return t
}

func store(ctx context.Context, v *vault.Vault, pool *pgxpool.Pool, texts ...sealed.Text) error {
	var b pgx.Batch
	if err := v.Queue(&b, texts); err != nil {
		return err
	}
	return pool.SendBatch(ctx, &b).Close()
}

func mustStore(t *testing.T, v *vault.Vault, pool *pgxpool.Pool, texts ...sealed.Text) {
	t.Helper()
	if err := store(t.Context(), v, pool, texts...); err != nil {
		t.Fatal(err)
	}
}

func reveal(t *testing.T, v *vault.Vault, texts ...sealed.Text) map[sealed.Commitment]string {
	t.Helper()
	got, err := v.Reveal(t.Context(), commitments(texts))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func commitments(texts []sealed.Text) []sealed.Commitment {
	out := make([]sealed.Commitment, len(texts))
	for i, t := range texts {
		out[i] = t.Commitment()
	}
	return out
}

func TestRevealReturnsWhatWasSealed(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	a, b := uuid.NewString(), uuid.NewString()
	texts := []sealed.Text{
		text(a, "nombre", "María José"), text(a, "email", "mj@example.org"), text(a, "telefono", ""),
		text(b, "descripcion", strings.Repeat("ñ", 4000)),
	}
	mustStore(t, v, db.App, texts...)

	want := make(map[sealed.Commitment]string)
	for _, x := range texts {
		if !x.Empty() {
			want[x.Commitment()] = x.Value
		}
	}
	if diff := cmp.Diff(want, reveal(t, v, texts...)); diff != "" {
		t.Error(diff)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	var texts []sealed.Text
	for i := range 5001 {
		texts = append(texts, text(fmt.Sprintf("%d", i%100), "notas", fmt.Sprint("nota ", i)))
	}
	mustStore(t, v, db.App, texts...)
	if got := reveal(t, v, texts...); len(got) != len(texts) {
		t.Errorf("revealed %d of %d", len(got), len(texts))
	}
}

// Several processes that meet the same new owner at the same moment.
func TestTwoProcessesOneNewOwner(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	kek := newKEK(t)
	owner := uuid.NewString()
	var (
		wg    sync.WaitGroup
		texts [16]sealed.Text
	)
	for i := range texts {
		texts[i] = text(owner, "notas", fmt.Sprint("nota ", i))
		wg.Go(func() {
			v, err := vault.Open(t.Context(), db.App, vault.NewKeyring(kek))
			if err == nil {
				err = store(t.Context(), v, db.App, texts[i])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	v := open(t, db.App, vault.NewKeyring(kek))
	if got := reveal(t, v, texts[:]...); len(got) != len(texts) {
		t.Errorf("revealed %d of %d", len(got), len(texts))
	}
	// One index key, whoever made it.
	if !bytes.Equal(v.IndexKey("usuario.email", "a@b"), open(t, db.App, vault.NewKeyring(kek)).IndexKey("usuario.email", "a@b")) {
		t.Error("two processes have different index keys")
	}
}

func TestSealingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	x := text(uuid.NewString(), "notas", "una")
	mustStore(t, v, db.App, x)
	mustStore(t, v, db.App, x)
	if got := reveal(t, v, x)[x.Commitment()]; got != "una" {
		t.Errorf("got %q", got)
	}
}

func TestRolledBackTextIsNotThere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	x := text(uuid.NewString(), "notas", "una")
	var b pgx.Batch
	if err := v.Queue(&b, []sealed.Text{x}); err != nil {
		t.Fatal(err)
	}
	b.Queue("select 1/0")
	if err := db.App.SendBatch(t.Context(), &b).Close(); err == nil {
		t.Fatal("the batch succeeded")
	}
	if got := reveal(t, v, x); len(got) != 0 {
		t.Errorf("revealed %v", got)
	}
}

func TestAnotherKEKOpensNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	old := newKEK(t)
	v := open(t, db.App, vault.NewKeyring(old))
	x := text(uuid.NewString(), "notas", "una")
	mustStore(t, v, db.App, x)

	if _, err := vault.Open(t.Context(), db.App, vault.NewKeyring(newKEK(t))); !errors.Is(err, vault.ErrMissingKEK) {
		t.Errorf("opened with another KEK: %v", err)
	}
	// An impostor under the right name does not open it either.
	impostor := newKEK(t)
	impostor.ID = old.ID
	if _, err := vault.Open(t.Context(), db.App, vault.NewKeyring(impostor)); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("opened with an impostor: %v", err)
	}
	// Once a new one is announced it seals what is new, beside the old one. Who has only the
	// old one goes on with what he can open.
	next := newKEK(t)
	renewed := open(t, db.App, vault.NewKeyring(old))
	if err := renewed.Announce(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	y := text(x.Owner, "notas", "otra")
	mustStore(t, renewed, db.App, y)
	if got := reveal(t, renewed, x, y); len(got) != 2 {
		t.Errorf("revealed %d of 2", len(got))
	}
	if _, err := v.Reveal(t.Context(), commitments([]sealed.Text{y})); !errors.Is(err, vault.ErrMissingKEK) {
		t.Errorf("the old ring opened a new key: %v", err)
	}
}

// Whoever owns the database changes rows; every change is noticed and harms
// nothing but its row.
func TestChangedRowsAreDetected(t *testing.T) {
	t.Parallel()
	flip := func(column string) string { // the last bit of a bytea
		return fmt.Sprintf("set_byte(%[1]s, octet_length(%[1]s)-1, get_byte(%[1]s, octet_length(%[1]s)-1) # 1)", column)
	}
	for name, change := range map[string]string{
		"text flipped":            `update boveda.textos set sellado = ` + flip("sellado") + ` where titular = 'ana'`,
		"nonce flipped":           `update boveda.textos set sellado = set_byte(sellado, 0, get_byte(sellado, 0) # 1) where titular = 'ana'`,
		"text cut":                `update boveda.textos set sellado = substring(sellado for 20) where titular = 'ana'`,
		"key flipped":             `update boveda.claves set clave = ` + flip("clave") + ` where titular = 'ana'`,
		"another field":           `update boveda.textos set campo = 'email' where titular = 'ana'`,
		"another owner":           `update boveda.textos set titular = 'berta' where titular = 'ana'`,
		"key given away":          `update boveda.claves set titular = 'berta' where titular = 'ana'`,
		"both given away":         `update boveda.claves set titular = 'berta' where titular = 'ana'; update boveda.textos set titular = 'berta' where titular = 'ana'`,
		"another key":             `update boveda.textos set clave = (select id from boveda.claves where titular = 'berta') where titular = 'ana'`,
		"the text of another":     `update boveda.textos set sellado = (select sellado from boveda.textos where titular = 'berta') where titular = 'ana'`,
		"text and key of another": `update boveda.textos a set sellado = b.sellado, clave = b.clave from boveda.textos b where a.titular = 'ana' and b.titular = 'berta'`,
		"the whole row of another": `update boveda.textos a set sellado = b.sellado, clave = b.clave, titular = 'berta'
			from boveda.textos b where a.titular = 'ana' and b.titular = 'berta'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			v := open(t, db.App, vault.NewKeyring(newKEK(t)))
			ana, berta, carla := text("ana", "dni", "11111111"), text("berta", "dni", "22222222"), text("carla", "dni", "33333333")
			for _, x := range []sealed.Text{ana, berta, carla} {
				mustStore(t, v, db.App, x)
			}
			if _, err := db.Owner.Exec(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			got, err := v.Reveal(t.Context(), commitments([]sealed.Text{ana, berta, carla}))
			if !errors.Is(err, vault.ErrDamaged) || !strings.Contains(err.Error(), ana.Commitment().String()) {
				t.Errorf("got %v, want damage to %s", err, ana.Commitment())
			}
			want := map[sealed.Commitment]string{berta.Commitment(): berta.Value, carla.Commitment(): carla.Value}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEraseTakesOneOwner(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	gone, other := uuid.NewString(), uuid.NewString()
	texts := []sealed.Text{text(gone, "nombre", "Ana"), text(gone, "dni", "12345678"), text(other, "nombre", "Berta")}
	mustStore(t, v, db.App, texts[0])
	mustStore(t, v, db.App, texts[1:]...)
	n, err := v.Erase(t.Context(), gone, "7b0c3a52-0000-4000-8000-0000000000c1")
	if err != nil || n != 2 {
		t.Fatalf("erased %d, %v", n, err)
	}
	if diff := cmp.Diff(map[sealed.Commitment]string{texts[2].Commitment(): "Berta"}, reveal(t, v, texts...)); diff != "" {
		t.Error(diff)
	}
	var keys int
	if err := db.App.QueryRow(t.Context(), "select count(*) from boveda.claves where titular = $1", gone).Scan(&keys); err != nil || keys != 0 {
		t.Errorf("%d keys left, %v", keys, err)
	}
}

func TestIndexKeySeparates(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	v := open(t, db.App, vault.NewKeyring(newKEK(t)))
	seen := map[string]bool{}
	for _, p := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"", "abc"}} {
		seen[string(v.IndexKey(p[0], p[1]))] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d different keys of 4", len(seen))
	}
}

// A planted value is looked for in a dump and in the files of every table of the database.
func TestNoValueInClear(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db := pgtest.NewOn(t, server)
	keys := vault.NewKeyring(newKEK(t))
	v := open(t, db.App, keys)
	const planted = "canario-4f1c-ZÁRATE"
	mustStore(t, v, db.App, text(uuid.NewString(), "nombre", planted), text(uuid.NewString(), "notas", strings.Repeat(planted, 3000)))
	// The control proves that the search would find it.
	if _, err := db.Owner.Exec(t.Context(), "create table public.control as select $1::text as x", "control-"+planted); err != nil {
		t.Fatal(err)
	}
	bin, err := local.FindPostgres(0)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := exec.CommandContext(t.Context(), filepath.Join(bin.Dir, "pg_dump"), "--dbname", db.OwnerURL).Output()
	if err != nil {
		t.Fatalf("dump: %v", err)
	}
	if n := bytes.Count(dump, []byte(planted)); n != 1 {
		t.Errorf("planted value %d times in the dump, want only the control", n)
	}
	super, err := pgx.Connect(t.Context(), db.SuperURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = super.Close(context.WithoutCancel(t.Context())) }()
	if _, err := super.Exec(t.Context(), "checkpoint"); err != nil {
		t.Fatal(err)
	}
	rows, err := super.Query(t.Context(), `select oid::regclass::text from pg_class
		where relkind in ('r', 't', 'i', 'm') and pg_relation_filepath(oid) is not null
		and position($1::bytea in pg_read_binary_file(pg_relation_filepath(oid))) > 0`, []byte(planted))
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"control"}, found); diff != "" {
		t.Errorf("files that hold the planted value: %s", diff)
	}
}

func TestKEKFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kek")
	if err := vault.CreateKEK(path); err != nil {
		t.Fatal(err)
	}
	first, err := vault.LoadKEK(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.CreateKEK(path); err != nil {
		t.Fatal(err)
	}
	if again, err := vault.LoadKEK(path); err != nil || again.ID != first.ID {
		t.Errorf("a KEK was replaced: %v", err)
	}
	for name, mode := range map[string]os.FileMode{"readable by others": 0o444, "by the group": 0o440, "writable": 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.LoadKEK(path); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	for _, size := range []int{0, 31, 33} {
		p := filepath.Join(dir, fmt.Sprint(size))
		if err := os.WriteFile(p, make([]byte, size), 0o400); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.LoadKEK(p); err == nil {
			t.Errorf("%d bytes: loaded", size)
		}
	}
}

func BenchmarkReveal(b *testing.B) {
	db := pgtest.New(b)
	key := make([]byte, 32)
	kek, err := vault.NewKEK(key)
	if err != nil {
		b.Fatal(err)
	}
	v, err := vault.Open(b.Context(), db.App, vault.NewKeyring(kek))
	if err != nil {
		b.Fatal(err)
	}
	var texts []sealed.Text
	for range 2000 {
		texts = append(texts, text(uuid.NewString(), "descripcion", strings.Repeat("x", 100)))
	}
	if err := store(b.Context(), v, db.App, texts...); err != nil {
		b.Fatal(err)
	}
	wanted := commitments(texts)
	for b.Loop() {
		if _, err := v.Reveal(b.Context(), wanted); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds(), "texts/s")
}
