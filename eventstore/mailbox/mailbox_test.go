package mailbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore/mailbox"
	"github.com/grupo-gad/gad/ops/pgtest"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

// newBox returns the mailboxes of two processes on one database.
func newBox(t *testing.T) (a, b *mailbox.Mailbox, db *pgtest.DB) {
	t.Helper()
	db = pgtest.New(t)
	return mailbox.New(db.App, secret), mailbox.New(db.App, secret), db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, m *mailbox.Mailbox, want int64, wantAttempts int) {
	t.Helper()
	id, _, attempts, err := m.Take(t.Context(), time.Minute)
	must(t, err)
	if id != want || attempts != wantAttempts {
		t.Fatalf("took %d (attempts %d), want %d (%d)", id, attempts, want, wantAttempts)
	}
}

func receive(t *testing.T, m *mailbox.Mailbox, idsAndChats ...int64) {
	t.Helper()
	var ids, chats []int64
	var bodies [][]byte
	for pair := range slices.Chunk(idsAndChats, 2) {
		ids, chats = append(ids, pair[0]), append(chats, pair[1])
		bodies = append(bodies, fmt.Appendf(nil, "body %d", pair[0]))
	}
	must(t, m.Receive(t.Context(), ids, chats, bodies))
}

// expire ends every lease and wait, as time would.
func expire(t *testing.T, db *pgtest.DB) {
	t.Helper()
	_, err := db.Owner.Exec(t.Context(), `update buzon.entrada set libre = '-infinity'; update buzon.salida set libre = '-infinity'`)
	must(t, err)
}

func TestUpdatesOfAChatComeInOrder(t *testing.T) {
	t.Parallel()
	m, other, _ := newBox(t)
	receive(t, m, 10, 1, 11, 1, 12, 2)
	receive(t, other, 10, 1, 3, 1) // repeated; and numbers begun anew
	take(t, m, 10, 0)
	take(t, other, 12, 0)
	take(t, m, 0, 0)
	must(t, m.Done(t.Context(), 10))
	take(t, other, 11, 0)
	must(t, other.Done(t.Context(), 11))
	take(t, other, 3, 0)
	must(t, other.Done(t.Context(), 3))
	must(t, other.Done(t.Context(), 12))
	receive(t, m, 10, 1, 11, 1) // Telegram sends again what it was not told of
	take(t, m, 0, 0)
}

func TestADeadHoldersUpdateComesAgain(t *testing.T) {
	t.Parallel()
	m, other, db := newBox(t)
	receive(t, m, 1, 7, 2, 7)
	take(t, m, 1, 0)
	take(t, other, 0, 0)
	expire(t, db)
	take(t, other, 1, 1)
	// The first holder was only slow: what it marks now has no effect.
	must(t, m.Defer(t.Context(), 1, 0, "late"))
	take(t, m, 0, 0)
	must(t, other.Done(t.Context(), 1))
	take(t, m, 2, 0)
}

func TestDeferredUpdateHoldsItsChat(t *testing.T) {
	t.Parallel()
	m, _, db := newBox(t)
	receive(t, m, 1, 7, 2, 7, 3, 8)
	take(t, m, 1, 0)
	must(t, m.Defer(t.Context(), 1, time.Hour, strings.Repeat("x", 1000)+"\x00"))
	take(t, m, 3, 0)
	take(t, m, 0, 0)
	expire(t, db)
	take(t, m, 1, 1)
}

func TestManyWorkersHandleEachUpdateOnceAndInOrder(t *testing.T) {
	t.Parallel()
	a, b, _ := newBox(t)
	const chats, each = 6, 20
	var pairs []int64
	for n := range int64(each) {
		for c := range int64(chats) {
			pairs = append(pairs, 1+c*1000+n, c)
		}
	}
	receive(t, a, pairs...)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		seen = map[int64][]int64{}
		left = chats * each
	)
	for w := range 8 {
		m := a
		if w%2 == 1 {
			m = b
		}
		wg.Go(func() {
			for {
				id, _, _, err := m.Take(t.Context(), time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if id != 0 {
					seen[id/1000] = append(seen[id/1000], id)
					left--
				}
				done := left == 0
				mu.Unlock()
				if id != 0 {
					if err := m.Done(t.Context(), id); err != nil {
						t.Error(err)
						return
					}
				}
				if done {
					return
				}
			}
		})
	}
	wg.Wait()
	for chat, ids := range seen {
		if !slices.IsSorted(ids) || len(slices.Compact(ids)) != each {
			t.Errorf("chat %d: %v", chat, ids)
		}
	}
}

func TestOutboxKeepsOrderAndKeys(t *testing.T) {
	t.Parallel()
	m, other, db := newBox(t)
	for _, k := range []string{"a", "b", "a", "c"} {
		must(t, m.Enqueue(t.Context(), k, 5, 0, []byte("body "+k)))
	}
	must(t, m.Enqueue(t.Context(), "z", 6, 0, []byte("body z")))
	next := func(m *mailbox.Mailbox, want string, wantAttempts int) int64 {
		t.Helper()
		id, chat, body, attempts, err := m.TakeMessage(t.Context(), time.Minute)
		must(t, err)
		if string(body) != want || attempts != wantAttempts || (want != "" && chat != 5 && want != "body z") {
			t.Fatalf("took %q to %d (attempts %d), want %q (%d)", body, chat, attempts, want, wantAttempts)
		}
		return id
	}
	a := next(m, "body a", 0)
	z := next(other, "body z", 0)
	next(other, "", 0)
	must(t, m.Sent(t.Context(), a))
	b := next(other, "body b", 0)
	must(t, other.Postpone(t.Context(), b, time.Hour, "429"))
	next(m, "", 0)
	expire(t, db)
	b = next(m, "body b", 1)
	must(t, m.Refused(t.Context(), b, "blocked"))
	c := next(m, "body c", 0)
	must(t, m.Sent(t.Context(), c))
	next(m, "body z", 1)                // its lease was ended, too
	must(t, other.Sent(t.Context(), z)) // too late: it is not his any more
	must(t, m.Sent(t.Context(), z))
	must(t, m.Enqueue(t.Context(), "b", 5, 0, nil)) // never again
	next(m, "", 0)
	var bodies int
	must(t, db.Owner.QueryRow(t.Context(), `select count(cuerpo) from buzon.salida`).Scan(&bodies))
	if bodies != 0 {
		t.Errorf("%d bodies are kept of messages that are done", bodies)
	}
}

// TestOutboxUrgency: what is urgent waits neither behind older messages nor for one that was
// postponed, and what is not waits behind it.
func TestOutboxUrgency(t *testing.T) {
	t.Parallel()
	m, _, _ := newBox(t)
	must(t, m.Enqueue(t.Context(), "news", 5, 0, []byte("news")))
	id, _, _, _, err := m.TakeMessage(t.Context(), time.Minute)
	must(t, err)
	must(t, m.Postpone(t.Context(), id, time.Hour, "429"))
	must(t, m.Enqueue(t.Context(), "more", 6, 0, []byte("more")))
	must(t, m.Enqueue(t.Context(), "offer", 5, 1, []byte("offer")))
	must(t, m.Enqueue(t.Context(), "help", 5, 2, []byte("help")))
	must(t, m.Enqueue(t.Context(), "again", 5, 2, []byte("again")))
	for _, want := range []string{"help", "again", "offer", "more"} {
		id, _, body, _, err := m.TakeMessage(t.Context(), time.Minute)
		must(t, err)
		if string(body) != want {
			t.Fatalf("took %q, want %q", body, want)
		}
		must(t, m.Sent(t.Context(), id))
	}
}

func TestWhoBeginsLaterMovesNoCursor(t *testing.T) {
	t.Parallel()
	a, b, _ := newBox(t)
	begun := make([]int64, 8)
	var all sync.WaitGroup
	for i := range begun {
		box := []*mailbox.Mailbox{a, b}[i%2]
		all.Go(func() {
			at, err := box.BeginCursor(t.Context(), "avisos", int64(10+i))
			if err != nil {
				t.Error(err)
			}
			begun[i] = at
		})
	}
	all.Wait()
	for i, at := range begun {
		if at != begun[0] || at < 10 || at > 17 {
			t.Errorf("the one that began at %d stands at %d, the first at %d", 10+i, at, begun[0])
		}
	}
	must(t, a.SaveCursor(t.Context(), "avisos", 20))
	for _, late := range []int64{5, 30} {
		if at, err := b.BeginCursor(t.Context(), "avisos", late); at != 20 || err != nil {
			t.Errorf("beginning at %d: %d %v, want 20", late, at, err)
		}
	}
}

func TestCursorMovesForwards(t *testing.T) {
	t.Parallel()
	m, _, _ := newBox(t)
	if _, ok, err := m.Cursor(t.Context(), "avisos"); ok || err != nil {
		t.Error(ok, err)
	}
	for _, p := range []int64{0, 7, 3} {
		must(t, m.SaveCursor(t.Context(), "avisos", p))
	}
	if at, ok, err := m.Cursor(t.Context(), "avisos"); at != 7 || !ok || err != nil {
		t.Error(at, ok, err)
	}
}

func TestButtonWorksOnceForWhomItWasMade(t *testing.T) {
	t.Parallel()
	m, other, _ := newBox(t)
	id, err := m.NewButton(t.Context(), 5, 50, "aceptar:1", time.Minute)
	must(t, err)
	if len(id) != 22 {
		t.Errorf("id %q", id)
	}
	use := func(id string, chat, account, update int64, want string) {
		t.Helper()
		got, ok, err := other.UseButton(t.Context(), id, chat, account, update)
		must(t, err)
		if got != want || ok != (want != "") {
			t.Errorf("got %q %v, want %q", got, ok, want)
		}
	}
	use(id, 6, 50, 1, "")
	use(id, 5, 51, 1, "")
	use("otro", 5, 50, 1, "")
	use(id, 5, 50, 2, "aceptar:1")
	use(id, 5, 50, 2, "aceptar:1") // the same update, after a kill
	use(id, 5, 50, 3, "")
	old, err := m.NewButton(t.Context(), 5, 50, "x", -time.Second)
	must(t, err)
	use(old, 5, 50, 4, "")
}

func TestButtonPressedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	m, _, _ := newBox(t)
	id, err := m.NewButton(t.Context(), 5, 50, "aceptar", time.Minute)
	must(t, err)
	var (
		wg sync.WaitGroup
		ok [8]bool
	)
	for i := range ok {
		wg.Go(func() {
			var err error
			if _, ok[i], err = m.UseButton(t.Context(), id, 5, 50, int64(i+1)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(slices.DeleteFunc(ok[:], func(b bool) bool { return !b })); n != 1 {
		t.Errorf("%d presses counted", n)
	}
}

func TestLinkCodes(t *testing.T) {
	t.Parallel()
	m, other, db := newBox(t)
	u := ident.Usuario(uuid.NewString())
	redeem := func(code string, account int64, want ident.Usuario) {
		t.Helper()
		got, ok, err := other.Redeem(t.Context(), code, account)
		must(t, err)
		if got != want || ok != (want != "") {
			t.Errorf("%q by %d: got %q %v, want %q", code, account, got, ok, want)
		}
	}
	first, err := m.NewLink(t.Context(), u)
	must(t, err)
	l, err := m.NewLink(t.Context(), u)
	must(t, err)
	if left := time.Until(l.Expires); left > mailbox.CodeTTL || left < mailbox.CodeTTL-time.Minute || len(l.Token) < 22 {
		t.Errorf("link %+v", l)
	}
	redeem(first.Code, 1, "") // voided by the second
	redeem(l.Code, 1, u)
	redeem(l.Code, 1, u) // again, after a kill
	redeem(l.Code, 2, "")
	redeem(l.Token, 2, "")
	code, _, err := m.NewLinkCode(t.Context(), u)
	must(t, err)
	redeem(" "+strings.ToLower(strings.ReplaceAll(code, "-", " "))+" ", 3, u)
	deep, err := m.NewLink(t.Context(), u)
	must(t, err)
	redeem(deep.Token, 4, u)
	redeem(deep.Code, 5, "")
	var clear int
	must(t, db.Owner.QueryRow(t.Context(), `select count(*) from buzon.vinculos v where position($1 in replace(upper(v::text), '-', '')) > 0`, strings.ReplaceAll(code, "-", "")).Scan(&clear))
	if clear != 0 {
		t.Error("a code is stored in clear")
	}
	_, err = db.Owner.Exec(t.Context(), `update buzon.vinculos set vence = now()`)
	must(t, err)
	redeem(deep.Token, 4, "")
}

func TestGuessingIsShutOut(t *testing.T) {
	t.Parallel()
	m, _, db := newBox(t)
	u := ident.Usuario(uuid.NewString())
	code, _, err := m.NewLinkCode(t.Context(), u)
	must(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var wrong, shut int
	for n := range 12 {
		wg.Go(func() {
			_, ok, err := m.Redeem(t.Context(), fmt.Sprint("WRONG", n), 9)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, mailbox.ErrTries):
				shut++
			case err == nil && !ok:
				wrong++
			default:
				t.Error(ok, err)
			}
		})
	}
	wg.Wait()
	if wrong != 5 || shut != 7 {
		t.Errorf("%d tries, %d shut out", wrong, shut)
	}
	if _, ok, err := m.Redeem(t.Context(), code, 9); ok || !errors.Is(err, mailbox.ErrTries) {
		t.Error(ok, err)
	}
	if got, ok, err := m.Redeem(t.Context(), code, 10); got != u || !ok || err != nil {
		t.Error(got, ok, err)
	}
	_, err = db.Owner.Exec(t.Context(), `update buzon.fallos set desde = now() - interval '11 minutes'`)
	must(t, err)
	if _, ok, err := m.Redeem(t.Context(), code, 9); ok || err != nil {
		t.Error(ok, err) // taken by another account by now, but heard again
	}
}

func TestPruneKeepsWhatIsPending(t *testing.T) {
	t.Parallel()
	m, _, db := newBox(t)
	receive(t, m, 1, 1, 2, 1)
	take(t, m, 1, 0)
	must(t, m.Done(t.Context(), 1))
	must(t, m.Enqueue(t.Context(), "k", 1, 0, []byte("x")))
	must(t, m.Prune(t.Context(), time.Now().Add(time.Hour)))
	var left []string
	must(t, db.Owner.QueryRow(t.Context(), `select array(select update_id::text from buzon.entrada) || array(select clave from buzon.salida)`).Scan(&left))
	if diff := cmp.Diff([]string{"2", "k"}, left); diff != "" {
		t.Error(diff)
	}
}
