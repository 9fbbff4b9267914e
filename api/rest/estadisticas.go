package rest

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// period reads desde and hasta, and waits for what the caller has to see.
func (a *API) period(r *request, q *query) (estadisticas.Periodo, error) {
	p := estadisticas.Periodo{Desde: q.instant("desde"), Hasta: q.instant("hasta")}
	if err := q.err(); err != nil {
		return p, err
	}
	least, err := r.minPosition()
	if err != nil {
		return p, err
	}
	p.Min = least
	return p, a.await(r, estadisticas.Follows()...)
}

// contarTareas serves GET /estadisticas/tareas.
func (a *API) contarTareas(r *request) error {
	q := r.query()
	por := q.text("por")
	if por == "" {
		por = string(estadisticas.PorEstado)
	}
	p, err := a.period(r, q)
	if err != nil {
		return err
	}
	c, err := a.Estadisticas.Tareas(r.Request().Context(), r.scope(), p, estadisticas.Por(por))
	if err != nil {
		return err
	}
	return a.figuras(r, c.Firma, c)
}

// tiempos serves GET /estadisticas/tiempos.
func (a *API) tiempos(r *request) error {
	p, err := a.period(r, r.query())
	if err != nil {
		return err
	}
	t, err := a.Estadisticas.Tiempos(r.Request().Context(), r.scope(), p)
	if err != nil {
		return err
	}
	return a.figuras(r, t.Firma, t)
}

// calor serves GET /geo/calor.
func (a *API) calor(r *request) error {
	q := r.query()
	grano := int(q.integer("grano", 1, 1, 100))
	p, err := a.period(r, q)
	if err != nil {
		return err
	}
	c, err := a.Estadisticas.Calor(r.Request().Context(), r.scope(), p, grano)
	if err != nil {
		return err
	}
	return a.figuras(r, c.Firma, c)
}

// figurasDePersona serves GET /estadisticas/usuarios/{id}.
func (a *API) figurasDePersona(r *request) error {
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	q := r.query()
	days := int(q.integer("dias", 30, 1, 366))
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, append(estadisticas.Follows(), usuarios.Name)...); err != nil {
		return err
	}
	p, err := a.Estadisticas.Persona(r.Request().Context(), r.scope(), id, days)
	if err != nil {
		return err
	}
	return r.ok(p.Posicion, p)
}

// dotacion serves GET /estadisticas/dotacion.
func (a *API) dotacion(r *request) error {
	q := r.query()
	c := estadisticas.Consulta{Horas: int(q.integer("horas", 8, 1, 72))}
	if text := q.text("tipo"); text != "" {
		tipo, err := tarea.ParseTipo(text)
		if err != nil {
			q.bad("tipo", "no es un tipo de tarea conocido")
		}
		c.Tipo = tipo
	}
	if text := q.text("prioridad"); text != "" {
		prioridad, err := tarea.ParsePrioridad(text)
		if err != nil {
			q.bad("prioridad", "va de 1 (baja) a 5 (critica)")
		}
		c.Prioridad = prioridad
	}
	if err := q.err(); err != nil {
		return err
	}
	least, err := r.minPosition()
	if err != nil {
		return err
	}
	c.Min = least
	if err := a.await(r, append(r.deQuien(), estadisticas.Name)...); err != nil {
		return err
	}
	d, err := a.Estadisticas.Dotacion(r.Request().Context(), r.scope(), c)
	if err != nil {
		return err
	}
	return r.ok(d.Posicion, d)
}
