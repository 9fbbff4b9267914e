package live

import (
	"fmt"
	"strings"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// zonaVacia is the kind of the alert that nobody on duty is in a Zona where somebody should be.
const zonaVacia = "zona_vacia"

// emptyOf announces that a Zona was empty for longer than its rule allows; nil for other facts.
func emptyOf(rec *eventstore.Recorded) *alertFrame {
	if _, empty := rec.Event.(zona.QuedoVacia); !empty {
		return nil
	}
	_, id, _ := strings.Cut(string(rec.Stream), "-")
	return &alertFrame{
		Type: "alert", ID: fmt.Sprintf("%s@%d", rec.Stream, rec.Version), Kind: zonaVacia, Priority: int(tarea.Urgente),
		Position: rec.Position, Zona: id, En: happened(rec), Text: "No queda nadie de turno en una zona",
	}
}

// reaches reports whether somebody hears of the alert; visible: he may hear of its fact. That a
// Zona is empty concerns who may see everybody in it, though it is drawn for all.
func (a *alertFrame) reaches(por permiso.Autor, visible bool) bool {
	if a.Kind != zonaVacia {
		return a.heard(por, visible)
	}
	return por.Alcance(permiso.MapaLeer) >= permiso.EnJurisdiccion && por.Jurisdiccion.Zona(ident.Zona(a.Zona))
}
