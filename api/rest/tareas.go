package rest

import (
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
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
	return tareas.Filter{
		Estados:     parse(q, "estado", tarea.ParseEstado, "no es un estado de tarea conocido"),
		Tipos:       parse(q, "tipo", tarea.ParseTipo, "no es un tipo de tarea conocido"),
		Prioridades: parse(q, "prioridad", tarea.ParsePrioridad, "va de 1 (baja) a 5 (critica)"),
		Delegado:    identifier[ident.Usuario](q, "delegado"),
		Efectivo:    identifier[ident.Efectivo](q, "efectivo"),
		Zona:        identifier[ident.Zona](q, "zona"),
		Desde:       q.instant("desde"),
		Hasta:       q.instant("hasta"),
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
		if crear.Delegado, err = a.knownUsuario(r, "delegado", *body.Delegado); err != nil {
			return err
		}
	}
	if body.Zona != nil {
		if crear.Zona, err = a.knownZona(r, "zona", *body.Zona); err != nil {
			return err
		}
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

// modificarTarea serves PATCH /tareas/{id}; what is absent stays.
func (a *API) modificarTarea(r *request) error {
	var body struct {
		Titulo           *string      `json:"titulo"`
		Descripcion      *string      `json:"descripcion"`
		Tipo             *string      `json:"tipo"`
		Prioridad        prioridad    `json:"prioridad"`
		InicioProgramado *time.Time   `json:"inicio_programado"`
		FinProgramado    *time.Time   `json:"fin_programado"`
		PermitirSolape   bool         `json:"permitir_solape"`
		Ubicacion        *lugar       `json:"ubicacion"`
		Zona             *string      `json:"zona"`
		Delegado         *string      `json:"delegado"`
		Lista            *[]puntoDado `json:"lista"`
	}
	return a.orderTarea(r, &body, false, func(o tarea.Orden) (commands.Command, error) {
		m := tarea.Modificar{
			Orden: o, Titulo: resealed(o, "titulo", body.Titulo), Descripcion: resealed(o, "descripcion", body.Descripcion),
			InicioProgramado: utc(body.InicioProgramado), FinProgramado: utc(body.FinProgramado), PermitirSolape: body.PermitirSolape,
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
		if m.Ubicacion, err = body.Ubicacion.sealed(string(o.ID)); err != nil {
			return nil, err
		}
		if body.Zona != nil {
			zona, err := a.knownZona(r, "zona", *body.Zona)
			if err != nil {
				return nil, err
			}
			m.Zona = &zona
		}
		if body.Delegado != nil {
			delegado, err := a.knownUsuario(r, "delegado", *body.Delegado)
			if err != nil {
				return nil, err
			}
			m.Delegado = &delegado
		}
		if body.Lista != nil {
			lines, err := checklist(string(o.ID), *body.Lista)
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
