package live

import (
	"context"
	"log/slog"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
)

// errSesion refuses a token or ticket whose session was closed.
var errSesion = fault.New(fault.Unauthorized, "sesion_cerrada", "la sesión fue cerrada; vuelva a ingresar")

// aliveWait bounds how long an answer about a session is waited for.
const aliveWait = 5 * time.Second

// askers are how many sessions are asked about at a time.
const askers = 4

// verify says who holds a token whose session is still open.
func (h *Hub) verify(ctx context.Context, token string) (Identity, error) {
	who, err := h.deps.Verifier.Verify(ctx, token)
	if err != nil {
		return Identity{}, err
	}
	return who, h.alive(ctx, who)
}

// alive refuses an identity whose session was closed. Only a clear answer does:
// a database that is away must not empty the room.
func (h *Hub) alive(ctx context.Context, who Identity) error {
	sessions, ok := h.deps.Verifier.(Sessions)
	if !ok || who.Session == "" {
		return nil
	}
	// At once for a thousand sockets would take every connection of the database.
	select {
	case h.asking <- struct{}{}:
		defer func() { <-h.asking }()
	case <-ctx.Done():
		return nil
	}
	ask, cancel := context.WithTimeout(ctx, aliveWait)
	defer cancel()
	open, err := sessions.Alive(ask, who)
	switch {
	case err != nil:
		h.log.DebugContext(ctx, "whether a session is open is not known", slog.Any("error", err))
		return nil
	case !open:
		return errSesion
	}
	return nil
}
