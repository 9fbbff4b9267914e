package eventstore

import "strings"

// Correlated is the correlation of an order that came by a request: the name of the request and,
// after a space, the W3C traceparent that it was part of, or nothing.
func Correlated(request, traceparent string) string {
	if traceparent == "" {
		return request
	}
	return request + " " + traceparent
}

// Traceparent is the trace that an event came about in, or "". It goes wherever the event goes.
func (m Metadata) Traceparent() string {
	_, trace, _ := strings.Cut(m.Correlation, " ")
	return trace
}
