package rest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
)

// EveryRoute returns an API that mounts all routes there can be and can serve none.
func EveryRoute(testing.TB) *API {
	return &API{Deps: Deps{Live: noLive{}, Health: noHealth{}}}
}

type noLive struct{ http.Handler }

func (noLive) Ticket(context.Context, auth.Identity) (string, time.Time, error) {
	return "", time.Time{}, nil
}
func (noLive) Estado(context.Context) any { return nil }

type noHealth struct{}

func (noHealth) Livez() http.Handler   { return nil }
func (noHealth) Readyz() http.Handler  { return nil }
func (noHealth) Details() http.Handler { return nil }

// Decode is the strict decoder.
func Decode(body []byte, v any) error { return decode(body, v) }

// Bare returns an API with the middleware of the real one and nothing behind it.
func Bare(l Limiter, s Settings) *API {
	s.HandlerTimeout = time.Minute
	a := &API{Deps: Deps{Live: noLive{}, Limiter: l, Settings: s, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Door: &auth.Door{}}, bodyLimits: map[string]int64{}}
	for _, rt := range a.routes() {
		a.bodyLimits[rt.method+" "+rt.path] = rt.bodyLimit()
	}
	return a
}

// Block is the address block a limit counts.
func Block(r *http.Request) string { return block(r) }

// Incidentes names the facts of GET /auditoria/incidentes.
func Incidentes() []string { return incidentes }

// LooksLike is the type of a content by its first bytes.
func LooksLike(head []byte) string { return looksLike(head) }
