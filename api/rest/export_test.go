package rest

import (
	"context"
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
