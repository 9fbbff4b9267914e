// Package sesion is one login and what became of it.
//
//	(nada) --iniciar--> abierta --cerrar---------> cerrada
//	                       |----revocar familia--> cerrada
//
// A session has a stream of its own: people who log in all day do not move the
// version under whoever edits their account. A failed attempt has no session; it
// stands in the stream that bears the id of the Usuario it was aimed at. The
// facts are of the Usuario and named so.
package sesion
