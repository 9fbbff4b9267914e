package policies

import (
	"time"

	"github.com/grupo-gad/gad/domain/ident"
)

// observado is what is remembered of one Efectivo between fixes: what is about to be
// said of him, not what was.
type observado struct {
	Turno    ident.Turno `json:"turno"`
	Ultima   time.Time   `json:"ultima"`   // device time of the newest fix
	Recibida time.Time   `json:"recibida"` // when it came in
	// Dentro is where he was said to be inside. It is kept here and not asked of the log:
	// batches that are read again must find what they found the first time.
	Dentro   []ident.Zona `json:"dentro,omitzero"`
	Cruces   []cruce      `json:"cruces,omitzero"`
	Llegadas []llegada    `json:"llegadas,omitzero"`
}

// cruce is the border of a Zona that he seems to have crossed.
type cruce struct {
	Zona   ident.Zona `json:"zona"`
	Dentro bool       `json:"dentro"`
	Desde  time.Time  `json:"desde"` // device time of the first fix that says so
	Fixes  int        `json:"fixes"`
}

// llegada is a Tarea that he is close to.
type llegada struct {
	Tarea ident.Tarea `json:"tarea"`
	Desde time.Time   `json:"desde"`
	Hecha bool        `json:"hecha,omitzero"` // said already
}
