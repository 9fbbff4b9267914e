// Package ident holds the typed identifiers that aggregates use to speak of
// each other without importing each other.
//
// Every identifier is a UUID in its canonical lower-case text form. Two
// identifiers of different things are different types, so they cannot be
// swapped. Parse is the only way in for text that somebody else wrote.
package ident

import (
	"github.com/grupo-gad/gad/domain/fault"
)

// The identifiers of the aggregates. Tareas, Efectivos, Zonas and Marcas use UUIDv7,
// Usuarios and Sujetos UUIDv4: the time of a person's registration is nobody's business.
type (
	// Tarea identifies a field task.
	Tarea string
	// Efectivo identifies one of the field personnel.
	Efectivo string
	// Usuario identifies somebody who may order something.
	Usuario string
	// Zona identifies a place that matters.
	Zona string
	// Marca is one marker that people share on the map.
	Marca string
	// Aprobacion is one request that takes two people.
	Aprobacion string
	// Sujeto is the person behind a Usuario, the owner of sealed personal data.
	Sujeto string
	// Sesion is one login of a Usuario and what followed from it.
	Sesion string
	// Turno is one shift of an Efectivo.
	Turno string
	// Nota is one note on a Tarea.
	Nota string
	// Adjunto is one file attached to a Tarea.
	Adjunto string
	// Licencia is one leave of an Efectivo.
	Licencia string
)

// ErrInvalido refuses text that is not a UUID.
var ErrInvalido = fault.New(fault.Invalid, "identificador_invalido", "el identificador no es un UUID válido")

// Parse reads a UUID in text form (either case) and returns it in canonical form.
func Parse[T ~string](s string) (T, error) {
	if len(s) != 36 {
		return "", ErrInvalido
	}
	var out [36]byte
	for i := range 36 {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return "", ErrInvalido
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		default:
			return "", ErrInvalido
		}
		out[i] = c
	}
	return T(out[:]), nil
}

// Stream names the history of a Tarea.
func (id Tarea) Stream() string { return "tarea-" + string(id) }

// Stream names the history of an Efectivo.
func (id Efectivo) Stream() string { return "efectivo-" + string(id) }

// Stream names the history of a Usuario.
func (id Usuario) Stream() string { return "usuario-" + string(id) }

// Stream names the history of a Marca.
func (id Marca) Stream() string { return "marca-" + string(id) }

// Stream names the history of an Aprobacion.
func (id Aprobacion) Stream() string { return "aprobacion-" + string(id) }

// Stream names the history of a Sesion.
func (id Sesion) Stream() string { return "sesion-" + string(id) }

// Stream names the history of a Zona.
func (id Zona) Stream() string { return "zona-" + string(id) }
