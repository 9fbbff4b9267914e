package rest

import (
	"fmt"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
)

// maxCrew bounds how many Efectivos one order assigns.
const maxCrew = 50

// lugar is a place in a body.
type lugar struct {
	Lat         *float64 `json:"lat"`
	Lon         *float64 `json:"lon"`
	Descripcion string   `json:"descripcion"`
}

func (l *lugar) sealed(owner string) (*tarea.Lugar, error) {
	switch {
	case l == nil:
		return nil, nil
	case l.Lat == nil || l.Lon == nil:
		return nil, tarea.ErrDatos.With(fault.Field{Name: "ubicacion", Message: "lleva lat y lon, las dos"})
	}
	return &tarea.Lugar{
		Punto:       geo.Punto{Lat: *l.Lat, Lon: *l.Lon},
		Descripcion: commands.Seal(owner, "ubicacion.descripcion", l.Descripcion),
	}, nil
}

// crew reads the Efectivos of an order, each once.
func crew(texts []string) ([]ident.Efectivo, error) {
	if len(texts) > maxCrew {
		return nil, tarea.ErrDatos.With(fault.Field{Name: "efectivos", Message: fmt.Sprintf("lleva como mucho %d", maxCrew)})
	}
	var ids []ident.Efectivo
	seen := map[ident.Efectivo]bool{}
	for i, text := range texts {
		id, err := ident.Parse[ident.Efectivo](text)
		if err != nil {
			return nil, ident.ErrInvalido.With(fault.Field{Name: fmt.Sprintf("efectivos[%d]", i), Message: ident.ErrInvalido.Message})
		}
		if !seen[id] {
			ids, seen[id] = append(ids, id), true
		}
	}
	return ids, nil
}

func resealed(o tarea.Orden, field string, value *string) *sealed.Text {
	if value == nil {
		return nil
	}
	text := commands.Seal(string(o.ID), field, *value)
	return &text
}

// utc brings an instant to the zone and precision in which it is kept.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Microsecond)
	return &u
}

// prioridad takes a number or a name.
type prioridad string

// UnmarshalJSON implements json.Unmarshaler.
func (p *prioridad) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*p = ""
	case len(b) > 1 && b[0] == '"':
		*p = prioridad(b[1 : len(b)-1])
		if *p == "" {
			*p = "vacia"
		}
	default:
		*p = prioridad(b)
	}
	return nil
}

// parse returns 0 when none was given.
func (p prioridad) parse() (tarea.Prioridad, error) {
	if p == "" {
		return 0, nil
	}
	return tarea.ParsePrioridad(string(p))
}
