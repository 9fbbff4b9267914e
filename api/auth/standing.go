package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Standing tells whether what a token says still holds.
type Standing interface {
	Standing(ctx context.Context, session string, id ident.Usuario) (Stand, error)
}

// Stand is what holds of a session and its Usuario.
type Stand struct {
	Open    bool  // the session is, and its Usuario may come in
	Version int64 // of what the Usuario may do
	// Jurisdiccion narrows what he may do at Version. It is told here and not by the token: it may
	// be long, and a token travels with every request and in the first frame of a socket.
	Jurisdiccion *permiso.Jurisdiccion
}

// A revocation takes effect in every process within StandingFor, open sockets included
// when they are rechecked often enough. While the database cannot be asked, the last
// answer is believed for standingMost: together no more than 30 s.
const (
	StandingFor  = 8 * time.Second
	standingMost = 25 * time.Second
	// standingWait bounds a question about a session that something is known of, and that about
	// any other unless Patient says otherwise.
	standingWait = 2 * time.Second
)

type stand struct {
	Stand
	at time.Time
}

// standings remembers answers for seconds: a busy client asks many times a second.
type standings struct {
	source Standing // nil: nobody is asked
	now    func() time.Time
	wait   time.Duration             // for an answer without which nobody gets in
	known  *lru.Cache[string, stand] // by session

	mu    sync.Mutex           // guards ended
	ended map[string]time.Time // sessions ended in this process, until their last token is over
}

func newStandings(now func() time.Time) (*standings, error) {
	known, err := lru.New[string, stand](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("make the cache of sessions: %w", err)
	}
	return &standings{now: now, wait: standingWait, known: known, ended: map[string]time.Time{}}, nil
}

// check refuses an identity that was revoked, and completes one that was not.
func (s *standings) check(ctx context.Context, id Identity) (Identity, error) {
	s.mu.Lock()
	_, ended := s.ended[id.Session]
	s.mu.Unlock()
	if ended {
		return Identity{}, ErrToken.Because(errors.New("its session was closed"))
	}
	if s.source == nil {
		return id, nil
	}
	now := s.now()
	known, ok := s.known.Get(id.Session)
	if !ok || now.Sub(known.at) >= StandingFor || known.Version < id.Version {
		// What was known before will do for a while: then a slow answer holds nobody up.
		wait := s.wait
		believed := ok && now.Sub(known.at) < standingMost
		if believed {
			wait = standingWait
		}
		fresh, err := s.ask(ctx, id, wait)
		switch {
		case err == nil:
			fresh.at = now
			known = fresh
			s.known.Add(id.Session, fresh)
		case !believed:
			return Identity{}, ErrSinPermiso.Because(err)
		}
	}
	switch {
	case !known.Open:
		return Identity{}, ErrToken.Because(errors.New("its session was closed"))
	case known.Version > id.Version:
		return Identity{}, ErrToken.Because(errors.New("what the usuario may do has changed since"))
	}
	id.Jurisdiccion = known.Jurisdiccion
	return id, nil
}

func (s *standings) ask(ctx context.Context, id Identity, wait time.Duration) (fresh stand, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	fresh.Stand, err = s.source.Standing(ctx, id.Session, id.Usuario)
	return fresh, err
}

func (s *standings) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for name, until := range s.ended {
		if now.After(until) {
			delete(s.ended, name)
		}
	}
	s.ended[session] = now.Add(overlap)
	s.known.Remove(session)
}
