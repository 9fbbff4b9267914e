// Package rest is the HTTP face of the system: JSON in, orders and reads out.
//
// It promises what openapi.yaml in this folder says; a test compares the two.
// Beyond it:
//
//   - Input is taken strictly or not at all. An unknown or repeated field, a
//     number that is none, a byte after the end: 400 with the field's name, and
//     nothing was done.
//   - An order is answered after its facts are durable. The answer carries the
//     stream's version (ETag) and the log's position (X-Gad-Position); a read
//     with X-Gad-Min-Position is never older than that.
//   - Every error is problem+json with a stable codigo and a sentence in Spanish.
//   - Personal values and free text are sealed here, before anything else sees
//     the order.
//
// Routes stand in one table (routes.go) with the permission each needs. The
// package is one of the two homes of echo. It declares the small interfaces it
// needs; cmd/gad brings what satisfies them.
package rest
