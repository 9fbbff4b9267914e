package sessions_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/grupo-gad/gad/eventstore/sessions"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// clock is what a Store takes for the time.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newStore(t *testing.T) (*sessions.Store, *clock, *pgtest.DB) {
	t.Helper()
	db := pgtest.New(t)
	c := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return sessions.NewAt(db.App, c.now), c, db
}

func openSession(t *testing.T, s *sessions.Store, usuario string) (sessions.Session, string) {
	t.Helper()
	sess, token, err := s.Open(t.Context(), sessions.Opening{Usuario: usuario, TTL: time.Hour, Client: "Firefox", Origin: "10.0.0.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	return sess, token
}

func rotate(t *testing.T, s *sessions.Store, token string) string {
	t.Helper()
	_, next, err := s.Rotate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// A link that lapsed is no way in.
func TestWays(t *testing.T) {
	t.Parallel()
	s, now, _ := newStore(t)
	ana, bea, carla := uuid.NewString(), uuid.NewString(), uuid.NewString()
	if err := s.PutCredential(t.Context(), ana, "$argon2id$1"); err != nil {
		t.Fatal(err)
	}
	for id, ttl := range map[string]time.Duration{ana: time.Minute, bea: time.Hour} {
		if _, _, err := s.NewActivation(t.Context(), id, ttl); err != nil {
			t.Fatal(err)
		}
	}
	now.add(2 * time.Minute)
	password, link, err := s.Ways(t.Context(), []string{ana, bea, carla})
	if err != nil || !maps.Equal(password, map[string]bool{ana: true}) || !maps.Equal(link, map[string]bool{bea: true}) {
		t.Errorf("passwords %v, links %v: %v", password, link, err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s, _, _ := newStore(t)
	u := uuid.NewString()
	if _, ok, err := s.Credential(t.Context(), u); ok || err != nil {
		t.Fatal(ok, err)
	}
	for _, phc := range []string{"$argon2id$1", "$argon2id$2"} {
		if err := s.PutCredential(t.Context(), u, phc); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := s.Credential(t.Context(), u); got != phc || !ok || err != nil {
			t.Errorf("got %q %v %v", got, ok, err)
		}
	}
	// A login that began with the old password does not bring it back.
	if done, err := s.Rehash(t.Context(), u, "$argon2id$1", "$argon2id$1b"); done || err != nil {
		t.Error(done, err)
	}
	if done, err := s.Rehash(t.Context(), u, "$argon2id$2", "$argon2id$2b"); !done || err != nil {
		t.Error(done, err)
	}
	if err := s.PutCredential(t.Context(), u, "secreto"); err == nil {
		t.Error("a password in clear was stored")
	}
	if err := s.DropCredential(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Credential(t.Context(), u); ok || err != nil {
		t.Error(ok, err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	s, c, db := newStore(t)
	u := uuid.NewString()
	sess, first := openSession(t, s, u)
	c.add(time.Minute)
	second := rotate(t, s, first)
	if first == second || len(second) < 43 {
		t.Errorf("tokens %q %q", first, second)
	}
	list, err := s.List(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	sess.LastUsedAt = c.now()
	if diff := cmp.Diff([]sessions.Session{sess}, list); diff != "" {
		t.Error(diff)
	}
	var dump []byte
	if err := db.Owner.QueryRow(t.Context(), `select string_agg(r::text, ' ')::bytea from sesiones.refrescos r`).Scan(&dump); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(dump, []byte(first)) || bytes.Contains(dump, []byte(second)) {
		t.Error("a token is stored in clear")
	}
}

func TestReuseRevokesTheFamilyAndNoOther(t *testing.T) {
	t.Parallel()
	s, c, _ := newStore(t)
	u := uuid.NewString()
	stolen, first := openSession(t, s, u)
	other, otherToken := openSession(t, s, u)
	second := rotate(t, s, first)
	c.add(sessions.Grace + time.Microsecond)
	if got, _, err := s.Rotate(t.Context(), first); !errors.Is(err, sessions.ErrReused) || got.ID != stolen.ID || got.Usuario != u {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, token := range []string{first, second} {
		if _, _, err := s.Rotate(t.Context(), token); !errors.Is(err, sessions.ErrRevoked) {
			t.Errorf("got %v", err)
		}
	}
	if _, alive, err := s.Alive(t.Context(), stolen.ID); alive || err != nil {
		t.Error(alive, err)
	}
	if got, alive, err := s.Alive(t.Context(), other.ID); !alive || err != nil || got.ID != other.ID {
		t.Error(alive, err)
	}
	rotate(t, s, otherToken)
}

// TestManyAtOnceGetOneSuccessor: whoever presents a token at the same time as others, in
// this process or in another, gets what they get.
func TestManyAtOnceGetOneSuccessor(t *testing.T) {
	t.Parallel()
	s, c, db := newStore(t)
	elsewhere := sessions.NewAt(db.App, c.now)
	_, token := openSession(t, s, uuid.NewString())
	for range 3 {
		var (
			wg   sync.WaitGroup
			next = make(chan string, 12)
		)
		for i := range cap(next) {
			store := []*sessions.Store{s, elsewhere}[i%2]
			wg.Go(func() {
				_, got, err := store.Rotate(t.Context(), token)
				if err != nil {
					t.Error(err)
				}
				next <- got
			})
		}
		wg.Wait()
		close(next)
		successor := <-next
		for got := range next {
			if got != successor || got == token {
				t.Errorf("two successors of one token: %q and %q", successor, got)
			}
		}
		token = successor
	}
}

// TestGraceOutlastsTheDashboard: two tries of 15 s with a pause of 10 s between them
// (api/web/ui/src/session.ts).
func TestGraceOutlastsTheDashboard(t *testing.T) {
	t.Parallel()
	s, c, _ := newStore(t)
	_, token := openSession(t, s, uuid.NewString())
	next := rotate(t, s, token)
	c.add(40 * time.Second)
	if got := rotate(t, s, token); got != next {
		t.Errorf("the same token gives %q and then %q", next, got)
	}
}

// TestGraceIsForTheImmediatePredecessor and ends with the first use of its successor.
func TestGraceIsForTheImmediatePredecessor(t *testing.T) {
	t.Parallel()
	s, c, db := newStore(t)
	_, first := openSession(t, s, uuid.NewString())
	second := rotate(t, s, first)
	c.add(sessions.Grace)
	if got := rotate(t, s, first); got != second {
		t.Errorf("the same token gives %q and then %q", second, got)
	}
	third := rotate(t, s, second)
	if got := rotate(t, s, second); got != third {
		t.Errorf("the same token gives %q and then %q", third, got)
	}
	// Older than the predecessor, however little time has passed.
	if _, _, err := s.Rotate(t.Context(), first); !errors.Is(err, sessions.ErrReused) {
		t.Errorf("a grandparent: %v", err)
	}
	if _, _, err := s.Rotate(t.Context(), third); !errors.Is(err, sessions.ErrRevoked) {
		t.Errorf("its family afterwards: %v", err)
	}

	// What is kept of a successor goes with its grace.
	_, again := openSession(t, s, uuid.NewString())
	rotate(t, s, again)
	sealed := func() (n int) {
		if err := db.Owner.QueryRow(t.Context(), `select count(*) from sesiones.refrescos where sucesor is not null`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := sealed()
	c.add(sessions.Grace + time.Second)
	if _, err := s.Prune(t.Context(), c.now().Add(-time.Hour)); err != nil || before == 0 || sealed() != 0 {
		t.Errorf("%d sealed successors, then %d, %v", before, sealed(), err)
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	s, c, _ := newStore(t)
	u := uuid.NewString()
	sess, token := openSession(t, s, u)
	_, closed := openSession(t, s, u)
	for _, odd := range []string{"", "x", token + "A", "%%%%"} {
		if _, _, err := s.Rotate(t.Context(), odd); !errors.Is(err, sessions.ErrUnknown) {
			t.Errorf("%q: %v", odd, err)
		}
	}
	c.add(59 * time.Minute)
	token = rotate(t, s, token)
	if ended, err := s.RevokeAll(t.Context(), uuid.NewString(), "otra persona", ""); err != nil || len(ended) != 0 {
		t.Fatal(ended, err)
	}
	v := uuid.NewString()
	here, _ := openSession(t, s, v)
	there, _ := openSession(t, s, v)
	if ended, err := s.RevokeAll(t.Context(), v, "menos una", here.ID); err != nil || len(ended) != 1 || ended[0] != there.ID {
		t.Fatal(ended, err)
	}
	if err := s.Revoke(t.Context(), sess.ID, "salida"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Rotate(t.Context(), token); !errors.Is(err, sessions.ErrRevoked) {
		t.Error(err)
	}
	c.add(time.Minute)
	if _, _, err := s.Rotate(t.Context(), closed); !errors.Is(err, sessions.ErrExpired) {
		t.Error(err)
	}
	if list, err := s.List(t.Context(), u); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if id, ok, err := s.Family(t.Context(), token); !ok || id != sess.ID || err != nil {
		t.Error(id, ok, err)
	}
	another := []byte(token)
	if i := len(another) / 2; another[i] == 'A' {
		another[i] = 'B'
	} else {
		another[i] = 'A'
	}
	for _, odd := range []string{"", "x", string(another)} {
		if id, ok, err := s.Family(t.Context(), odd); ok || err != nil {
			t.Error(odd, id, err)
		}
	}
	if n, err := s.Prune(t.Context(), c.now().Add(time.Second)); n != 3 || err != nil {
		t.Error(n, err)
	}
	if _, _, err := s.Rotate(t.Context(), token); !errors.Is(err, sessions.ErrUnknown) {
		t.Error(err)
	}
}

// TestTidy: what ended goes by itself, and what lives stays.
func TestTidy(t *testing.T) {
	t.Parallel()
	s, c, db := newStore(t)
	u := uuid.NewString()
	_, token := openSession(t, s, u)
	rotate(t, s, token)
	gone, _ := openSession(t, s, uuid.NewString())
	if err := s.Revoke(t.Context(), gone.ID, "salida"); err != nil {
		t.Fatal(err)
	}
	c.add(time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- s.Tidy(ctx, time.Millisecond, 30*time.Second, func(err error) { t.Errorf("tidy: %v", err) })
	}()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(2 * time.Minute); ; <-again.C {
		var families, successors int
		err := db.App.QueryRow(t.Context(), `select (select count(*) from sesiones.familias), (select count(sucesor) from sesiones.refrescos)`).Scan(&families, &successors)
		if err != nil {
			t.Fatal(err)
		}
		if families == 1 && successors == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d families and %d successors stay", families, successors)
		}
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if list, err := s.List(t.Context(), u); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}
