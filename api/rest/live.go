package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// socket serves GET /ws. The socket authenticates by its first frame. Whatever
// happens after the upgrade is the socket's own: no error may come back here.
func (a *API) socket(r *request) error {
	a.Live.ServeHTTP(r.Response(), r.Request())
	return nil
}

// ticket serves POST /ws/tickets.
func (a *API) ticket(r *request) error {
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	ticket, expires, err := a.Live.Ticket(r.Request().Context(), r.who)
	if err != nil {
		return err
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, struct {
		Ticket string    `json:"ticket"`
		Vence  time.Time `json:"vence"`
	}{ticket, expires.UTC()})
}

// estadoLive serves GET /ws/estado.
func (a *API) estadoLive(r *request) error {
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, a.Live.Estado(r.Request().Context()))
}
