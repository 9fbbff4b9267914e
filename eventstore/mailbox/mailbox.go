package mailbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Mailbox is the bot's tables in one database. It is safe for concurrent use.
type Mailbox struct {
	pool   *pgxpool.Pool
	secret []byte // keys the hashes of codes, which are short

	updates, messages fences
}

// New returns the Mailbox of a migrated database. secret keys the hashes of link
// codes: bytes that the database does not know, the same in every process.
func New(pool *pgxpool.Pool, secret []byte) *Mailbox {
	return &Mailbox{pool: pool, secret: secret}
}

// fences remembers under which fence this process holds what it took.
type fences struct {
	mu   sync.Mutex
	held map[int64]int64
}

func (f *fences) put(id, fence int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil {
		f.held = map[int64]int64{}
	}
	f.held[id] = fence
}

// drop returns the fence and forgets it; 0, which no lease has, when nothing is held.
func (f *fences) drop(id int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	fence := f.held[id]
	delete(f.held, id)
	return fence
}

// Prune forgets what was done with before an instant, and what expired before it.
func (m *Mailbox) Prune(ctx context.Context, before time.Time) error {
	for _, sql := range []string{
		`delete from buzon.entrada where hecho < $1`,
		`delete from buzon.salida where hecho < $1`,
		`delete from buzon.vinculos where vence < $1`,
		`delete from buzon.botones where vence < $1`,
		`delete from buzon.fallos where desde < $1`,
	} {
		if _, err := m.pool.Exec(ctx, sql, before); err != nil {
			return fmt.Errorf("prune the mailbox: %w", err)
		}
	}
	return nil
}

// storable bounds a reason and makes it text that the database can hold.
func storable(why string) string {
	const most = 500
	return strings.ToValidUTF8(strings.ReplaceAll(why[:min(len(why), most)], "\x00", ""), "")
}

// Forget removes what is kept of one account: bodies, buttons, codes. That an update was
// taken stays known, so that it is never taken twice.
func (m *Mailbox) Forget(ctx context.Context, account int64) error {
	for _, sql := range []string{
		`update buzon.entrada set chat = 0, cuerpo = null, error = '', hecho = coalesce(hecho, clock_timestamp()) where chat = $1`,
		`update buzon.salida set chat = 0, cuerpo = null, error = '', hecho = coalesce(hecho, clock_timestamp()) where chat = $1`,
		`delete from buzon.vinculos where usado_por = $1`,
		`delete from buzon.botones where chat = $1 or cuenta = $1`,
		`delete from buzon.fallos where cuenta = $1`,
	} {
		if _, err := m.pool.Exec(ctx, sql, account); err != nil {
			return fmt.Errorf("forget an account: %w", err)
		}
	}
	return nil
}
