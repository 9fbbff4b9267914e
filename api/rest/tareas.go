package rest

import (
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/tareas"
)

// tareas serves GET /tareas.
func (a *API) tareas(r *request) error {
	q := r.query()
	f := q.tareas()
	f.Cursor, f.Limite = q.text("cursor"), q.limit()
	if err := q.err(); err != nil {
		return err
	}
	if masked(r.who) && f.Q != "" {
		return permiso.ErrProhibido // what one may not read one may not search for either
	}
	if err := a.await(r, "tareas"); err != nil {
		return err
	}
	list, err := a.Tareas.List(r.Request().Context(), r.scope(), f)
	if err != nil {
		return err
	}
	for i := range list.Datos {
		maskTarea(r.who, &list.Datos[i])
	}
	return r.ok(list.Posicion, list)
}

// tareas reads the filter and the order that the list and the exports have in common.
func (q *query) tareas() tareas.Filter {
	desde, hasta := q.period()
	return tareas.Filter{
		Estados:     parse(q, "estado", tarea.ParseEstado, "no es un estado de tarea conocido"),
		Tipos:       parse(q, "tipo", tarea.ParseTipo, "no es un tipo de tarea conocido"),
		Prioridades: parse(q, "prioridad", tarea.ParsePrioridad, "va de 1 (baja) a 5 (critica)"),
		Delegado:    identifier[ident.Usuario](q, "delegado"),
		Efectivo:    identifier[ident.Efectivo](q, "efectivo"),
		Zona:        identifier[ident.Zona](q, "zona"),
		Desde:       desde,
		Hasta:       hasta,
		BBox:        q.box(),
		Q:           q.text("q"),
		Orden:       q.text("orden"),
	}
}

// tarea serves GET /tareas/{id}, by id or codigo.
func (a *API) tarea(r *request) error {
	if err := a.await(r, "tareas"); err != nil {
		return err
	}
	name, err := tareaName(r)
	if err != nil {
		return err
	}
	t, err := a.Tareas.Completa(r.Request().Context(), r.scope(), name)
	if err != nil {
		return err
	}
	maskTarea(r.who, &t.Tarea)
	maskDetalle(r.who, &t.Detalle)
	r.Response().Header().Set("ETag", etag(t.Version))
	return r.ok(t.Posicion, t)
}

// readTarea reads the Tarea that the address names.
func (a *API) readTarea(r *request) (tareas.Tarea, error) {
	name, err := tareaName(r)
	if err != nil {
		return tareas.Tarea{}, err
	}
	return a.Tareas.Get(r.Request().Context(), r.scope(), name)
}

// tareaName is the id or codigo in the address.
func tareaName(r *request) (string, error) {
	name := r.Param("id")
	id, err := ident.Parse[ident.Tarea](name)
	if err == nil {
		name = string(id)
	} else if !codigo(name) {
		return "", ident.ErrInvalido.With(fault.Field{Name: "id", Message: "es el UUID o el código de una tarea"})
	}
	return name, nil
}

// codigo reports whether s can be the codigo of a Tarea, in either case.
func codigo(s string) bool {
	if len(s) < 3 || len(s) > 20 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// tareaID resolves the address of an order: an id as it is, a codigo by the read model.
func (a *API) tareaID(r *request) (ident.Tarea, error) {
	if id, err := ident.Parse[ident.Tarea](r.Param("id")); err == nil {
		return id, nil
	}
	t, err := a.readTarea(r)
	return t.ID, err
}

// crearTarea serves POST /tareas.
func (a *API) crearTarea(r *request) error {
	var body struct {
		Titulo           string      `json:"titulo"`
		Tipo             string      `json:"tipo"`
		Prioridad        prioridad   `json:"prioridad"`
		Codigo           *string     `json:"codigo"`
		Descripcion      string      `json:"descripcion"`
		InicioProgramado *time.Time  `json:"inicio_programado"`
		FinProgramado    *time.Time  `json:"fin_programado"`
		Delegado         *string     `json:"delegado"`
		PermitirSolape   bool        `json:"permitir_solape"`
		Ubicacion        *lugar      `json:"ubicacion"`
		Zona             *string     `json:"zona"`
		Efectivos        []string    `json:"efectivos"`
		Lista            []puntoDado `json:"lista"`
		Simulada         bool        `json:"simulada"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if body.Simulada && a.Settings.Production {
		return errSimulado.With(fault.Field{Name: "simulada", Message: errSimulado.Message})
	}
	id := uuid.Must(uuid.NewV7()).String()
	crear := tarea.Crear{
		Orden:       tarea.Orden{ID: ident.Tarea(id), Por: r.who.Autor, En: r.now},
		Titulo:      commands.Seal(id, "titulo", body.Titulo),
		Descripcion: commands.Seal(id, "descripcion", body.Descripcion),
		// An unknown word stays as it is: the domain names it beside whatever else is wrong.
		Tipo: tarea.Tipo(body.Tipo), FinProgramado: utc(body.FinProgramado),
		PermitirSolape: body.PermitirSolape, Simulada: body.Simulada,
	}
	if tipo, err := tarea.ParseTipo(body.Tipo); err == nil {
		crear.Tipo = tipo
	}
	var err error
	if crear.Prioridad, err = body.Prioridad.parse(); err != nil {
		return err
	}
	if body.Codigo != nil {
		if crear.Codigo = *body.Codigo; crear.Codigo == "" {
			return tarea.ErrDatos.With(fault.Field{Name: "codigo", Message: "no puede estar vacío; sin él se genera uno"})
		}
	}
	if body.InicioProgramado != nil {
		crear.InicioProgramado = *utc(body.InicioProgramado)
	}
	if crear.Ubicacion, err = body.Ubicacion.sealed(id); err != nil {
		return err
	}
	if body.Delegado != nil {
		if crear.Delegado, err = a.presentUsuario(r, "delegado", *body.Delegado); err != nil {
			return err
		}
	}
	if body.Zona != nil {
		if crear.Zona, err = a.knownZona(r, "zona", *body.Zona); err != nil {
			return err
		}
	} else if at := crear.Ubicacion; at != nil && at.Valido() {
		crear.Zona = a.zonaDada(r, at.Punto)
	}
	if crear.Lista, err = checklist(id, body.Lista); err != nil {
		return err
	}
	assigned, err := crew(body.Efectivos)
	if err != nil {
		return err
	}
	orders := []commands.Command{crear}
	for _, e := range assigned {
		orders = append(orders, tarea.Asignar{Orden: crear.Orden, Efectivo: e})
	}
	return at("efectivos", "efectivo_", a.create(r, "/tareas", orders...))
}

// zonaDada is the Zona of a place that nobody named one for: those on duty in it are told, and the
// figures count it there. For a supervisor of other Zonas the Tarea stays of none, as without it.
func (a *API) zonaDada(r *request, lugar geo.Punto) ident.Zona {
	return a.zonaVista(r, a.zonaDe(r.Request().Context(), lugar))
}

// zonaVista is a Zona of a place, "" when the caller could not see there what he puts there.
func (a *API) zonaVista(r *request, zona ident.Zona) ident.Zona {
	if r.scope().Alcance == permiso.EnJurisdiccion && !r.who.Jurisdiccion.Zona(zona) {
		return ""
	}
	return zona
}

// nuevaZona is the Zona that a change names, "" for none, or the one that the Tarea moves to; nil
// when it stays.
func (a *API) nuevaZona(r *request, given quitable[string], m tarea.Modificar) (*ident.Zona, error) {
	switch at := m.Ubicacion; {
	case given.quitar:
		return new(ident.Zona("")), nil
	case given.valor != nil:
		zona, err := a.knownZona(r, "zona", *given.valor)
		return &zona, err
	case at != nil && at.Valido():
		return a.zonaMovida(r, m.ID, at.Punto)
	}
	return nil, nil
}

// zonaMovida is the Zona that a Tarea comes to be of when it moves: that of its new place, unless
// somebody had named one that its old place is not in. Where there is none it stays of the old one;
// while that cannot be told it does not move, for the Zona of its old place would be its own for good.
func (a *API) zonaMovida(r *request, id ident.Tarea, lugar geo.Punto) (*ident.Zona, error) {
	t, err := a.Tareas.Get(r.Request().Context(), r.scope(), string(id))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil // so new that it was not read yet, or the order itself is refused
	case err != nil:
		return nil, err
	case t.Zona != "" && t.Ubicacion == nil:
		return nil, nil
	case t.Zona != "":
		old, err := a.buscaZona(r.Request().Context(), geo.Punto{Lat: t.Ubicacion.Lat, Lon: t.Ubicacion.Lon})
		if err != nil || old != t.Zona {
			return nil, err
		}
	}
	zona, err := a.buscaZona(r.Request().Context(), lugar)
	if err != nil {
		return nil, err
	}
	if zona = a.zonaVista(r, zona); zona != "" && zona != t.Zona {
		return &zona, nil
	}
	return nil, nil
}

// modificarTarea serves PATCH /tareas/{id}; what is absent stays, and null takes away what a
// Tarea may be without.
func (a *API) modificarTarea(r *request) error {
	var body struct {
		Titulo           *string               `json:"titulo"`
		Descripcion      quitable[string]      `json:"descripcion"`
		Tipo             *string               `json:"tipo"`
		Prioridad        prioridad             `json:"prioridad"`
		InicioProgramado *time.Time            `json:"inicio_programado"`
		FinProgramado    quitable[time.Time]   `json:"fin_programado"`
		PermitirSolape   bool                  `json:"permitir_solape"`
		Ubicacion        quitable[lugar]       `json:"ubicacion"`
		Zona             quitable[string]      `json:"zona"`
		Delegado         *string               `json:"delegado"`
		Lista            quitable[[]puntoDado] `json:"lista"`
	}
	return a.orderTarea(r, &body, false, func(o tarea.Orden) (commands.Command, error) {
		m := tarea.Modificar{
			Orden: o, Titulo: resealed(o, "titulo", body.Titulo), Descripcion: resealed(o, "descripcion", body.Descripcion.oVacio()),
			InicioProgramado: utc(body.InicioProgramado), FinProgramado: utc(body.FinProgramado.valor), SinFin: body.FinProgramado.quitar,
			PermitirSolape: body.PermitirSolape, SinUbicacion: body.Ubicacion.quitar,
		}
		if body.Tipo != nil {
			tipo, err := tarea.ParseTipo(*body.Tipo)
			if err != nil {
				return nil, err
			}
			m.Tipo = &tipo
		}
		p, err := body.Prioridad.parse()
		if err != nil {
			return nil, err
		}
		if p != 0 {
			m.Prioridad = &p
		}
		if m.Ubicacion, err = body.Ubicacion.valor.sealed(string(o.ID)); err != nil {
			return nil, err
		}
		if m.Zona, err = a.nuevaZona(r, body.Zona, m); err != nil {
			return nil, err
		}
		if body.Delegado != nil {
			delegado, err := a.presentUsuario(r, "delegado", *body.Delegado)
			if err != nil {
				return nil, err
			}
			m.Delegado = &delegado
		}
		if given := body.Lista.oVacio(); given != nil {
			lines, err := checklist(string(o.ID), *given)
			if err != nil {
				return nil, err
			}
			m.Lista = &lines
		}
		return m, nil
	})
}

// orderTarea is what the orders to one Tarea have in common.
func (a *API) orderTarea(r *request, body any, optional bool, command func(tarea.Orden) (commands.Command, error)) error {
	if err := r.bind(body, optional); err != nil {
		return err
	}
	id, err := a.tareaID(r)
	if err != nil {
		return err
	}
	cmd, err := command(tarea.Orden{ID: id, Por: r.who.Autor, En: r.now})
	if err != nil {
		return err
	}
	return a.command(r, cmd)
}
