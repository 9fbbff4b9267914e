package rest

import (
	"context"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// activarSOS serves POST /efectivos/{id}/sos. Nothing but who calls is needed; a
// place helps.
func (a *API) activarSOS(r *request) error {
	var body struct {
		Ubicacion *struct {
			Lat *float64 `json:"lat"`
			Lon *float64 `json:"lon"`
		} `json:"ubicacion"`
	}
	return a.orderEfectivo(r, &body, true, func(o efectivo.Orden) (commands.Command, error) {
		c := efectivo.ActivarSOS{Orden: o}
		if u := body.Ubicacion; u != nil {
			if u.Lat == nil || u.Lon == nil {
				return nil, geo.ErrCoordenada.With(fault.Field{Name: "ubicacion", Message: "lleva lat y lon, las dos"})
			}
			c.Ubicacion = &geo.Punto{Lat: *u.Lat, Lon: *u.Lon}
		} else {
			c.Ubicacion = a.lastPlace(r, o.ID)
		}
		return c, nil
	})
}

// freshPlace is how old a place may be that is said to be where somebody calls from.
const freshPlace = 10 * time.Minute

// lastPlace is where somebody was last, nil when that is not known or too long ago: one tap says
// no place. It is worth a moment's wait, for whoever goes to him has to know where to, and no more.
func (a *API) lastPlace(r *request, id ident.Efectivo) *geo.Punto {
	ctx, cancel := context.WithTimeout(r.Request().Context(), a.Settings.Situar)
	defer cancel()
	e, err := a.Efectivos.Get(ctx, projections.System, id)
	if err != nil || e.PosicionActual == nil || r.now.Sub(e.PosicionActual.En) >= freshPlace {
		return nil
	}
	return &geo.Punto{Lat: e.PosicionActual.Lat, Lon: e.PosicionActual.Lon}
}

// sosAlerta is the id of the alert that a call for help is, for whoever was not there to hear it.
func (a *API) sosAlerta(ctx context.Context, id ident.Efectivo) (string, error) {
	stream := eventstore.StreamID(id.Stream())
	calls, err := a.Log.ReadFacts(ctx, []eventstore.StreamID{stream}, []string{efectivo.SOSActivado{}.EventName()})
	if err != nil || len(calls) == 0 {
		return "", err
	}
	return alertaID(calls[len(calls)-1]), nil
}

// atenderSOS serves DELETE /efectivos/{id}/sos.
func (a *API) atenderSOS(r *request) error {
	var body struct {
		Observaciones string `json:"observaciones"`
	}
	return a.orderEfectivo(r, &body, true, func(o efectivo.Orden) (commands.Command, error) {
		text, err := a.sealPersonal(r.Request().Context(), o.ID, "observaciones", body.Observaciones)
		return efectivo.AtenderSOS{Orden: o, Observaciones: text}, err
	})
}

// darDeBaja serves POST /efectivos/{id}/baja.
func (a *API) darDeBaja(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	return a.orderEfectivo(r, &body, true, func(o efectivo.Orden) (commands.Command, error) {
		text, err := a.sealPersonal(r.Request().Context(), o.ID, "motivo", body.Motivo)
		return efectivo.DarDeBaja{Orden: o, Motivo: text}, err
	})
}

// sealPersonal seals a text about an Efectivo under the person he is, so that it
// goes with the person's data when these are erased.
func (a *API) sealPersonal(ctx context.Context, id ident.Efectivo, field, value string) (sealed.Text, error) {
	if value == "" {
		return sealed.Text{}, nil
	}
	e, err := a.Orders.Efectivo(ctx, id)
	if err != nil {
		return sealed.Text{}, err
	}
	person, err := a.Orders.Usuario(ctx, e.Usuario())
	if err != nil {
		return sealed.Text{}, err
	}
	if !person.Existe() {
		return sealed.Text{}, efectivo.ErrNoExiste
	}
	return commands.Seal(string(person.Sujeto()), field, value), nil
}
