package rest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/marcas"
)

// MarcasReader reads the markers on the map.
type MarcasReader interface {
	Get(ctx context.Context, s projections.Scope, id ident.Marca, at time.Time) (marcas.Marca, error)
	List(ctx context.Context, s projections.Scope, f marcas.Filter) (marcas.List, error)
}

// marcas serves GET /marcas: those that are shown now, or others by their estado.
func (a *API) marcas(r *request) error {
	q := r.query()
	f := marcas.Filter{
		Ahora:   r.now,
		Estados: parse(q, "estado", word(marca.Vigente, marca.Caducada, marca.Quitada), "puede ser vigente, caducada o retirada"),
		Clases:  parse(q, "clase", word(marca.Clases()...), "puede ser corte, encuentro, peligro, puesto_de_mando u otra"),
		Zona:    identifier[ident.Zona](q, "zona"), BBox: q.box(),
		Orden: q.text("orden"), Cursor: q.text("cursor"), Limite: q.limit(),
	}
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, marcas.Name); err != nil {
		return err
	}
	list, err := a.Marcas.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	for i := range list.Datos {
		maskMarca(r, &list.Datos[i])
	}
	return r.ok(list.Posicion, list)
}

// word reads one of some words.
func word[T ~string](known ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		if !slices.Contains(known, T(s)) {
			return "", errParametro
		}
		return T(s), nil
	}
}

// marca serves GET /marcas/{id}.
func (a *API) marca(r *request) error {
	id, err := pathID[ident.Marca](r, "id")
	if err != nil {
		return err
	}
	if err := a.await(r, marcas.Name); err != nil {
		return err
	}
	m, err := a.Marcas.Get(r.Request().Context(), r.scope(), id, r.now)
	if err != nil {
		return err
	}
	maskMarca(r, &m)
	r.Response().Header().Set("ETag", etag(m.Version))
	return r.ok(m.Posicion, m)
}

// maskMarca withholds what somebody wrote.
func maskMarca(r *request, m *marcas.Marca) {
	if masked(r.who) {
		m.Titulo = reservado
	}
}

// ponerMarca serves POST /marcas.
func (a *API) ponerMarca(r *request) error {
	var body struct {
		Clase  marca.Clase `json:"clase"`
		Titulo string      `json:"titulo"`
		Lat    *float64    `json:"lat"`
		Lon    *float64    `json:"lon"`
		Zona   string      `json:"zona"`
		Caduca *time.Time  `json:"caduca"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	id := ident.Marca(uuid.Must(uuid.NewV7()).String())
	c := marca.Poner{
		Orden: marca.Orden{ID: id, Por: r.who.Autor, En: r.now},
		Clase: body.Clase, Titulo: commands.Seal(string(id), "titulo", body.Titulo),
	}
	if body.Caduca != nil {
		c.Caduca = new(instant(*body.Caduca))
	}
	var wrong []fault.Field
	if body.Lat == nil || !(geo.Punto{Lat: *body.Lat}).Valido() {
		wrong = append(wrong, fault.Field{Name: "lat", Message: "falta, o no va de -90 a 90"})
	}
	if body.Lon == nil || !(geo.Punto{Lon: *body.Lon}).Valido() {
		wrong = append(wrong, fault.Field{Name: "lon", Message: "falta, o no va de -180 a 180"})
	}
	if len(wrong) > 0 { // and whatever else is wrong with it, at a place that is none's fault
		if rest, ok := errors.AsType[*fault.Error](c.Valida()); ok {
			wrong = append(wrong, rest.Fields...)
		}
		return marca.ErrDatos.With(wrong...)
	}
	c.Lugar = geo.Punto{Lat: *body.Lat, Lon: *body.Lon}
	if body.Zona != "" {
		var err error
		if c.Zona, err = a.knownZona(r, "zona", body.Zona); err != nil {
			return err
		}
	}
	return a.create(r, "/marcas", c)
}

// retirarMarca serves DELETE /marcas/{id}.
func (a *API) retirarMarca(r *request) error {
	id, err := pathID[ident.Marca](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	return a.command(r, marca.Retirar{Orden: marca.Orden{ID: id, Por: r.who.Autor, En: r.now}})
}
