package rest

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
)

// efectivos serves GET /efectivos.
func (a *API) efectivos(r *request) error {
	q := r.query()
	f := efectivos.Filter{
		Disponibilidades: parse(q, "disponibilidad", efectivo.ParseDisponibilidad, "no es una disponibilidad conocida"),
		Unidad:           q.text("unidad"),
		Zona:             identifier[ident.Zona](q, "zona"),
		EnTurno:          q.boolean("en_turno"),
		CercaDe:          q.place("cerca_de"),
		RadioM:           q.float("radio_m", 5_000, 1, maxRadius),
		Q:                q.text("q"),
		Orden:            q.text("orden"),
		Cursor:           q.text("cursor"),
		Limite:           q.limit(),
	}
	if err := q.err(); err != nil {
		return err
	}
	if masked(r.who) && f.Q != "" {
		return permiso.ErrProhibido // what one may not read one may not search for either
	}
	if f.CercaDe == nil {
		f.RadioM = 0
	}
	await := r.deQuien()
	if f.Zona != "" {
		await = append(await, mapa.Name)
	}
	if err := a.await(r, await...); err != nil {
		return err
	}
	list, err := a.Efectivos.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	for i := range list.Datos {
		maskEfectivo(r.who, &list.Datos[i])
	}
	return r.ok(list.Posicion, list)
}

// place reads "lat,lon".
func (q *query) place(name string) *[2]float64 {
	words := q.words(name)
	if words == nil {
		return nil
	}
	if len(words) == 2 {
		lat, err1 := strconv.ParseFloat(strings.TrimSpace(words[0]), 64)
		lon, err2 := strconv.ParseFloat(strings.TrimSpace(words[1]), 64)
		if err1 == nil && err2 == nil && (geo.Punto{Lat: lat, Lon: lon}).Valido() {
			return &[2]float64{lat, lon}
		}
	}
	q.bad(name, "es lat,lon en grados")
	return nil
}

// efectivo serves GET /efectivos/{id}.
func (a *API) efectivo(r *request) error {
	id, err := pathID[ident.Efectivo](r, "id")
	if err != nil {
		return err
	}
	if err := a.await(r, r.deQuien()...); err != nil {
		return err
	}
	e, err := a.Efectivos.Get(r.Request().Context(), r.scope(), id)
	if err != nil {
		return err
	}
	maskEfectivo(r.who, &e)
	one := struct {
		efectivos.Efectivo
		SOSAlerta string `json:"sos_alerta,omitzero"`
	}{Efectivo: e}
	if e.SOS {
		if one.SOSAlerta, err = a.sosAlerta(r.Request().Context(), id); err != nil {
			return err
		}
	}
	r.Response().Header().Set("ETag", etag(e.Version))
	return r.ok(e.Posicion, one)
}

// registrarEfectivo serves POST /efectivos: for a Usuario that exists, or for a
// person who is registered by the same order.
func (a *API) registrarEfectivo(r *request) error {
	var body struct {
		persona
		Usuario       *string `json:"usuario"`
		CodigoInterno string  `json:"codigo_interno"`
		Rango         string  `json:"rango"`
		Unidad        string  `json:"unidad"`
		Especialidad  string  `json:"especialidad"`
		Simulado      bool    `json:"simulado"`
		Aceleracion   float64 `json:"aceleracion"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if body.Simulado && a.Settings.Production {
		return errSimulado.With(fault.Field{Name: "simulado", Message: errSimulado.Message})
	}
	registrar := efectivo.Registrar{
		Orden:         efectivo.Orden{ID: ident.Efectivo(uuid.Must(uuid.NewV7()).String()), Por: r.who.Autor, En: r.now},
		CodigoInterno: body.CodigoInterno, Rango: body.Rango, Unidad: body.Unidad, Especialidad: body.Especialidad,
		Simulado: body.Simulado, Aceleracion: body.Aceleracion,
	}
	switch {
	case body.Usuario != nil && !body.empty():
		return efectivo.ErrDatos.With(fault.Field{Name: "usuario", Message: "va el usuario o van los datos de la persona, no ambos"})
	case body.Usuario != nil:
		id, err := a.presentUsuario(r, "usuario", *body.Usuario)
		if err != nil {
			return err
		}
		registrar.Usuario = id
		return a.create(r, "/efectivos", registrar)
	case body.empty():
		return sinPersona(body.CodigoInterno)
	}
	person := body.registrar(r, permiso.Efectivo, body.Simulado)
	registrar.Usuario = person.ID
	return a.create(r, "/efectivos", registrar, person)
}

// sinPersona refuses an Efectivo who is nobody, and says whatever else he lacks.
func sinPersona(codigo string) error {
	wrong := []fault.Field{{Name: "usuario", Message: "falta; o van los datos de la persona: nombre, apellido, dni, email"}}
	if codigo == "" {
		wrong = append(wrong, fault.Field{Name: "codigo_interno", Message: "falta"})
	}
	return errFaltan.With(wrong...)
}

// knownUsuario reads a reference to a Usuario that must exist.
func (a *API) knownUsuario(r *request, field, text string) (ident.Usuario, error) {
	id, err := ident.Parse[ident.Usuario](text)
	if err != nil {
		return "", ident.ErrInvalido.With(fault.Field{Name: field, Message: ident.ErrInvalido.Message})
	}
	state, err := a.Orders.Usuario(r.Request().Context(), id)
	if err != nil {
		return "", err
	}
	if !state.Existe() {
		return "", errReferencia.With(fault.Field{Name: field, Message: usuario.ErrNoExiste.Message})
	}
	return id, nil
}

// presentUsuario is knownUsuario of somebody who has not left: he is put in charge of something.
func (a *API) presentUsuario(r *request, field, text string) (ident.Usuario, error) {
	id, err := a.knownUsuario(r, field, text)
	if err != nil {
		return "", err
	}
	state, err := a.Orders.Usuario(r.Request().Context(), id)
	if err != nil {
		return "", err
	}
	if state.DeBaja() {
		if again, err := a.repeats(r); err != nil || again {
			return id, err
		}
		return "", errReferencia.With(fault.Field{Name: field, Message: usuario.ErrDeBaja.Message})
	}
	return id, nil
}

var errReferencia = fault.New(fault.Invalid, "referencia_inexistente", "se nombra algo que no existe")

// modificarFicha serves PATCH /efectivos/{id}.
func (a *API) modificarFicha(r *request) error {
	var body struct {
		Rango        *string `json:"rango"`
		Unidad       *string `json:"unidad"`
		Especialidad *string `json:"especialidad"`
	}
	return a.orderEfectivo(r, &body, false, func(o efectivo.Orden) (commands.Command, error) {
		return efectivo.ModificarFicha{Orden: o, Rango: body.Rango, Unidad: body.Unidad, Especialidad: body.Especialidad}, nil
	})
}

// cambiarDisponibilidad serves PUT /efectivos/{id}/disponibilidad.
func (a *API) cambiarDisponibilidad(r *request) error {
	var body struct {
		Disponibilidad string `json:"disponibilidad"`
	}
	return a.orderEfectivo(r, &body, false, func(o efectivo.Orden) (commands.Command, error) {
		d, err := efectivo.ParseDisponibilidad(body.Disponibilidad)
		return efectivo.CambiarDisponibilidad{Orden: o, Disponibilidad: d}, err
	})
}

// iniciarTurno serves POST /efectivos/{id}/turno.
func (a *API) iniciarTurno(r *request) error {
	return a.orderEfectivo(r, &struct{}{}, true, func(o efectivo.Orden) (commands.Command, error) {
		return efectivo.IniciarTurno{Orden: o, Turno: ident.Turno(uuid.Must(uuid.NewV7()).String())}, nil
	})
}

// finalizarTurno serves DELETE /efectivos/{id}/turno.
func (a *API) finalizarTurno(r *request) error {
	var body struct {
		Forzar bool `json:"forzar"`
	}
	return a.orderEfectivo(r, &body, true, func(o efectivo.Orden) (commands.Command, error) {
		return efectivo.FinalizarTurno{Orden: o, Forzar: body.Forzar}, nil
	})
}

// orderEfectivo is what the orders to one Efectivo have in common. make runs
// after the body was bound.
func (a *API) orderEfectivo(r *request, body any, optional bool, command func(efectivo.Orden) (commands.Command, error)) error {
	id, err := pathID[ident.Efectivo](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(body, optional); err != nil {
		return err
	}
	cmd, err := command(efectivo.Orden{ID: id, Por: r.who.Autor, En: r.now})
	if err != nil {
		return err
	}
	return a.command(r, cmd)
}
