// Package problem turns errors into RFC 9457 problem details. It is the only
// place that knows both what a fault is and what a status code is.
//
// It promises that a caller never reads a text that was not written for him:
// whatever is neither a fault nor an Error of this package answers 500 with one
// fixed sentence, and its own text goes to the log under the same request_id.
// It imports only the domain, so that every face can use it.
package problem

import (
	"errors"
	"net/http"

	"github.com/grupo-gad/gad/domain/fault"
)

// ContentType of every error response.
const ContentType = "application/problem+json"

// Problem is the body of every error response.
type Problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail,omitzero"`
	Code      string  `json:"codigo"`
	Fields    []Field `json:"campos,omitzero"`
	RequestID string  `json:"request_id,omitzero"`
}

// Field is one wrong input.
type Field struct {
	Name    string `json:"campo"`
	Message string `json:"mensaje"`
}

// Error is a refusal of the transport itself, which the domain has no kind for:
// a body that cannot be parsed, a method that is not there.
type Error struct {
	Status int
	Fault  *fault.Error
}

func (e *Error) Error() string { return e.Fault.Error() }

// Unwrap returns the fault, so that errors.Is finds its sentinel.
func (e *Error) Unwrap() error { return e.Fault }

// status is the only table from kinds to status codes.
var status = [...]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Stale:        http.StatusConflict, // 412 when the caller named the version: see From
	fault.Limited:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

var interno = fault.New(fault.Internal, "interno", "algo falló de nuestro lado; ya quedó anotado")

// From describes err to its caller. conditional: the request carried If-Match,
// so a lost race is the failure of the caller's own precondition.
func From(err error, requestID string, conditional bool) Problem {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = interno
	}
	code := status[f.Kind]
	if e, transport := errors.AsType[*Error](err); transport {
		f, code = e.Fault, e.Status
	} else if f.Kind == fault.Internal {
		f = interno
	}
	if f.Kind == fault.Stale && conditional {
		code = http.StatusPreconditionFailed
	}
	p := Problem{
		Type: "/problemas/" + f.Code, Title: titles[code], Status: code,
		Detail: f.Message, Code: f.Code, RequestID: requestID,
	}
	for _, field := range f.Fields {
		p.Fields = append(p.Fields, Field(field))
	}
	return p
}
