package usuarios

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections"
)

// Estado is whether an account may be used.
type Estado string

// The states of an account.
const (
	Activo    Estado = "activo"
	Bloqueado Estado = "bloqueado"
	Baja      Estado = "baja"
)

// Usuario is what the doors need to know of who is asking.
type Usuario struct {
	ID            ident.Usuario  `json:"id"`
	Sujeto        ident.Sujeto   `json:"-"`
	Rol           permiso.Rol    `json:"rol"`
	Nombre        string         `json:"nombre"` // display name
	Efectivo      ident.Efectivo `json:"efectivo,omitzero"`
	Telegram      bool           `json:"telegram"` // an account is linked
	Estado        Estado         `json:"estado"`
	Verificado    bool           `json:"verificado"` // took the account up by its one-time link
	SegundoFactor bool           `json:"segundo_factor"`
	Simulado      bool           `json:"simulado"`
	// Jurisdiccion narrows what he reaches as a supervisor; null: nothing does.
	Jurisdiccion *Jurisdiccion `json:"jurisdiccion"`
	// Permiso is the version at which what he may do changed last: a token says under
	// which one it was issued.
	Permiso  int64 `json:"-"`
	Version  int64 `json:"version"`
	Posicion int64 `json:"posicion"`
}

// Jurisdiccion is which Zonas and unidades somebody answers for; an empty list narrows nothing.
type Jurisdiccion struct {
	Zonas    []ident.Zona `json:"zonas"`
	Unidades []string     `json:"unidades"`
}

// Alcance is what it narrows in the table of permissions; nil when nothing.
func (j *Jurisdiccion) Alcance() *permiso.Jurisdiccion {
	if j == nil || len(j.Zonas)+len(j.Unidades) == 0 {
		return nil
	}
	return &permiso.Jurisdiccion{Zonas: j.Zonas, Unidades: j.Unidades}
}

// Filter chooses Usuarios. Zero fields choose everybody.
type Filter struct {
	Q       string // words of the name
	IDs     []ident.Usuario
	Roles   []permiso.Rol
	Estados []Estado
	Orden   string // "nombre" when empty
	Cursor  string
	Limite  int // 0 means 50
}

// List is one page of Usuarios.
type List = projections.Page[Usuario]
