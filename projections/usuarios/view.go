package usuarios

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Usuario is what the doors need to know of who is asking.
type Usuario struct {
	ID       ident.Usuario  `json:"id"`
	Sujeto   ident.Sujeto   `json:"-"`
	Rol      permiso.Rol    `json:"rol"`
	Nombre   string         `json:"nombre"` // display name
	Efectivo ident.Efectivo `json:"efectivo,omitzero"`
	Telegram bool           `json:"telegram"` // an account is linked
	Simulado bool           `json:"simulado"`
	Version  int64          `json:"version"`
	Posicion int64          `json:"posicion"`
}
