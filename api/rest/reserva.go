package rest

import (
	"slices"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// reservar takes out of the recommendations of a history those whom the caller may not see,
// as GET /tareas/{id}/recomendacion does: where everybody is stands in them.
func (a *API) reservar(r *request, records []eventstore.Recorded, page []entry) error {
	var all []tarea.Recomendacion
	for _, rec := range records {
		if e, ok := rec.Event.(tarea.RecomendacionEmitida); ok {
			all = append(all, e.Recomendacion)
		}
	}
	if len(all) == 0 {
		return nil
	}
	seen, err := a.alcanza(r, all...)
	if err != nil {
		return err
	}
	for i, rec := range records {
		e, ok := rec.Event.(tarea.RecomendacionEmitida)
		if !ok {
			continue
		}
		datos := page[i].Datos
		hidden := visibles(datos, "candidatos", seen)
		visibles(datos, "descartados", seen)
		if hidden > 0 {
			datos["mas_candidatos"] = e.Mas + hidden
		}
	}
	return nil
}

// visibles leaves in a list of a payload those who are seen, and says how many are not.
func visibles(datos map[string]any, lista string, seen func(ident.Efectivo) bool) (hidden int) {
	before, ok := datos[lista].([]any)
	if !ok {
		return 0
	}
	after := slices.DeleteFunc(slices.Clone(before), func(one any) bool {
		fields, _ := one.(map[string]any)
		id, _ := fields["efectivo"].(string)
		return !seen(ident.Efectivo(id))
	})
	datos[lista] = after
	return len(before) - len(after)
}
