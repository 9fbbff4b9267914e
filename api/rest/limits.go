package rest

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
)

// Limiter counts requests against rules; ops/limit does.
type Limiter interface {
	Take(ctx context.Context, name, key string, rule Rule) (Taken, error)
}

// Rule is how often somebody may ask: Limit times Per on average, Burst at once
// (0 means Limit). The zero Rule limits nobody.
type Rule struct {
	Limit int
	Per   time.Duration
	Burst int
}

// Taken is what a Limiter says.
type Taken struct {
	Allowed    bool
	Remaining  int
	RetryAfter time.Duration // 0 when it was allowed
	Reset      time.Duration // until everything is there again
}

// Limits are the rules of this face. Login has its own, closer to the password.
type Limits struct {
	Public    Rule // per address block, for who need not say who he is
	Reads     Rule // per Usuario; and per address block for tokens that are none
	Orders    Rule // per Usuario
	Telemetry Rule // per Efectivo
	Refresh   Rule // per session
}

const (
	headerLimit  = "RateLimit"
	headerPolicy = "RateLimit-Policy"
)

// ErrLimite refuses who asks too often; Retry-After says when to come back.
var ErrLimite = fault.New(fault.Limited, "demasiadas_peticiones", "son demasiadas peticiones: hay que esperar un momento")

// Who counts together, and against which rule.
const (
	countNobody    = ""
	countPublic    = "publico"
	countInvalid   = "sin_sesion"
	countReads     = "lecturas"
	countOrders    = "ordenes"
	countTelemetry = "posiciones"
	countRefresh   = "refresh"
)

// counts is the limit a route counts against.
func (rt route) counts() string {
	switch {
	case rt.count != countNobody || rt.uncounted:
		return rt.count
	case rt.open:
		return countPublic
	case rt.method == http.MethodGet:
		return countReads
	}
	return countOrders
}

func (l Limits) rule(name string) Rule {
	switch name {
	case countPublic:
		return l.Public
	case countReads, countInvalid:
		return l.Reads
	case countOrders:
		return l.Orders
	case countTelemetry:
		return l.Telemetry
	case countRefresh:
		return l.Refresh
	}
	return Rule{}
}

// admit counts the request and refuses it when it is one too many. The headers
// tell a caller who reads them how not to be refused.
func (a *API) admit(c echo.Context, name, key string) error {
	rule := a.Settings.Limits.rule(name)
	if a.Limiter == nil || rule.Limit == 0 {
		return nil
	}
	t, err := a.Limiter.Take(c.Request().Context(), name, key, rule)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(headerPolicy, fmt.Sprintf(`"%s";q=%d;w=%d`, name, rule.Limit, seconds(rule.Per)))
	h.Set(headerLimit, fmt.Sprintf(`"%s";r=%d;t=%d`, name, t.Remaining, seconds(t.Reset)))
	if !t.Allowed {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(max(1, seconds(t.RetryAfter))))
		return ErrLimite
	}
	return nil
}

// seconds rounds up: who comes back then is not early.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
