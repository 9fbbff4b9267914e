package tarea

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

func (s State) crear(c Crear) ([]Event, error) {
	alcance := c.Por.Alcance(permiso.TareaCrear)
	switch {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case s.Existe():
		return nil, ErrYaExiste
	case alcance == permiso.EnJurisdiccion && c.Tipo != Emergencia && !c.Por.Jurisdiccion.Zona(c.Zona):
		// An emergency is told wherever it is met.
		return nil, permiso.ErrFueraDeJurisdiccion.With(fault.Field{Name: "zona", Message: permiso.ErrFueraDeJurisdiccion.Message})
	}
	if c.Prioridad == 0 {
		c.Prioridad = Media
	}
	if c.InicioProgramado.IsZero() {
		c.InicioProgramado = c.En
	}
	c.Codigo = strings.ToUpper(c.Codigo)

	var v validacion
	v.codigo(c.Codigo)
	v.texto("titulo", c.Titulo, 5, 200)
	v.texto("descripcion", c.Descripcion, 0, 4000)
	v.tipo(c.Tipo)
	v.prioridad(c.Prioridad)
	v.horario(c.InicioProgramado, c.FinProgramado)
	v.lugar(c.Ubicacion)
	v.texto("telefono", c.Telefono, 0, 40)
	puntos := s.definir(c.Lista, &v)
	if len(v) > 0 {
		return nil, ErrDatos.With(v...)
	}
	if c.PermitirSolape && c.Por.Rol.Nivel() < 2 {
		return nil, permiso.ErrProhibido
	}

	e := Creada{
		ID: c.ID, Codigo: c.Codigo, Titulo: c.Titulo.Commitment(), Descripcion: c.Descripcion.Commitment(),
		Tipo: c.Tipo, Prioridad: c.Prioridad, InicioProgramado: c.InicioProgramado, FinProgramado: c.FinProgramado,
		Creador: c.Por.Usuario, Delegado: c.Delegado, DelegadoNombrado: c.Delegado != "",
		Telefono: c.Telefono.Commitment(), Ubicacion: c.Ubicacion.hecho(), Zona: c.Zona, Simulada: c.Simulada, En: c.En,
	}
	if e.Delegado == "" {
		e.Delegado = c.Por.Usuario
	}
	if c.PermitirSolape {
		e.SolapePermitidoPor = c.Por.Usuario
	}
	events := []Event{e}
	if len(puntos) > 0 {
		events = append(events, ListaDefinida{Puntos: puntos, En: c.En})
	}
	return events, nil
}

func (s State) modificar(c Modificar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaModificar); err != nil {
		return nil, err
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	if c.PermitirSolape && c.Por.Rol.Nivel() < 2 {
		return nil, permiso.ErrProhibido
	}
	if c.Zona != nil && c.Por.Alcance(permiso.TareaModificar) == permiso.EnJurisdiccion && !c.Por.Jurisdiccion.Zona(*c.Zona) {
		return nil, permiso.ErrFueraDeJurisdiccion.With(fault.Field{Name: "zona", Message: permiso.ErrFueraDeJurisdiccion.Message})
	}
	puntos, err := s.valida(c)
	if err != nil {
		return nil, err
	}
	var events []Event
	if c.Prioridad != nil && *c.Prioridad != s.prioridad {
		events = append(events, PrioridadCambiada{Prioridad: *c.Prioridad, En: c.En})
	}
	if e := s.modificada(c); e != (Modificada{En: c.En}) {
		events = append(events, e)
	}
	if c.Lista != nil && !s.misma(puntos) {
		events = append(events, ListaDefinida{Puntos: puntos, En: c.En})
	}
	if s.delega(c) {
		events = append(events, s.delegada(c))
	}
	return events, nil
}

// delega reports whether an order puts somebody else in charge, or names for the first time who is.
func (s State) delega(c Modificar) bool {
	return c.Delegado != nil && (*c.Delegado != s.delegado || !s.delegadoNombrado)
}

// delegada claims the hours of the new delegado as they are after the change.
func (s State) delegada(c Modificar) Delegada {
	e := Delegada{Delegado: *c.Delegado, En: c.En}
	if desde, hasta := s.nuevoHorario(c); hasta != nil {
		e.Horario = &Horario{Desde: desde, Hasta: *hasta}
		if c.PermitirSolape {
			e.SolapePermitidoPor = c.Por.Usuario
		}
	}
	return e
}

// misma reports whether a checklist says what the present one says.
func (s State) misma(puntos []PuntoDeLista) bool {
	return slices.EqualFunc(s.lista, puntos, func(a punto, b PuntoDeLista) bool {
		return a.numero == b.Punto && a.texto == b.Texto
	})
}

func (s State) valida(c Modificar) ([]PuntoDeLista, error) {
	var v validacion
	if c.Titulo != nil {
		v.texto("titulo", *c.Titulo, 5, 200)
	}
	if c.Descripcion != nil {
		v.texto("descripcion", *c.Descripcion, 0, 4000)
	}
	if c.Tipo != nil {
		v.tipo(*c.Tipo)
	}
	if c.Prioridad != nil {
		v.prioridad(*c.Prioridad)
	}
	desde, hasta := s.nuevoHorario(c)
	v.horario(desde, hasta)
	v.lugar(c.Ubicacion)
	if c.Delegado != nil && *c.Delegado == "" {
		v.mal("delegado", "no puede quedar vacío")
	}
	var puntos []PuntoDeLista
	if c.Lista != nil {
		puntos = s.definir(*c.Lista, &v)
	}
	if len(v) > 0 {
		return nil, ErrDatos.With(v...)
	}
	return puntos, nil
}

func (s State) nuevoHorario(c Modificar) (desde time.Time, hasta *time.Time) {
	desde, hasta = s.horario.Desde, c.FinProgramado
	if c.InicioProgramado != nil {
		desde = *c.InicioProgramado
	}
	if hasta == nil && s.conFin && !c.SinFin {
		hasta = &s.horario.Hasta
	}
	return desde, hasta
}

func (s State) modificada(c Modificar) Modificada {
	e := Modificada{
		Tipo: c.Tipo, InicioProgramado: c.InicioProgramado, FinProgramado: c.FinProgramado,
		Ubicacion: c.Ubicacion.hecho(), Zona: c.Zona, En: c.En,
		// Only what is there can be taken away.
		SinFin:       c.SinFin && c.FinProgramado == nil && s.conFin,
		SinUbicacion: c.SinUbicacion && c.Ubicacion == nil && s.lugar != nil,
	}
	if c.Zona != nil && *c.Zona == "" {
		e.Zona, e.SinZona = nil, s.zona != ""
	}
	if c.Titulo != nil {
		e.Titulo = new(c.Titulo.Commitment())
	}
	switch d := c.Descripcion; {
	case d == nil:
	case d.Empty():
		e.SinDescripcion = s.descrita
	default:
		e.Descripcion = new(d.Commitment())
	}
	// Hours are claimed anew only when they move and somebody was named.
	// When the delegado changes as well, Delegada claims them for the new one.
	if s.delegadoNombrado && !s.delega(c) && (c.InicioProgramado != nil || c.FinProgramado != nil) {
		if desde, hasta := s.nuevoHorario(c); hasta != nil {
			e.Delegado, e.Horario = s.delegado, &Horario{Desde: desde, Hasta: *hasta}
		}
		if c.PermitirSolape {
			e.SolapePermitidoPor = c.Por.Usuario
		}
	}
	return e
}

func (l *Lugar) hecho() *Ubicacion {
	if l == nil {
		return nil
	}
	return &Ubicacion{Punto: l.Punto, Descripcion: l.Descripcion.Commitment()}
}

// validacion gathers every wrong field, so that one answer tells them all.
type validacion []fault.Field

func (v *validacion) mal(campo, mensaje string) {
	*v = append(*v, fault.Field{Name: campo, Message: mensaje})
}

func (v *validacion) codigo(s string) {
	ok := len(s) >= 3 && len(s) <= 20
	for _, r := range s {
		ok = ok && (r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	if !ok {
		v.mal("codigo", "lleva de 3 a 20 letras, números, guiones o guiones bajos")
	}
}

func (v *validacion) texto(campo string, t sealed.Text, minimo, maximo int) {
	n := utf8.RuneCountInString(strings.TrimSpace(t.Value))
	switch {
	case n < minimo:
		v.mal(campo, fmt.Sprintf("lleva al menos %d caracteres", minimo))
	case utf8.RuneCountInString(t.Value) > maximo:
		v.mal(campo, fmt.Sprintf("lleva como mucho %d caracteres", maximo))
	}
}

// razon bounds the free text that goes with a transition.
func razon(campo string, t sealed.Text) error {
	var v validacion
	if v.texto(campo, t, 0, 4000); len(v) > 0 {
		return ErrDatos.With(v...)
	}
	return nil
}

func (v *validacion) tipo(t Tipo) {
	if canonico, err := ParseTipo(string(t)); err != nil || canonico != t {
		v.mal("tipo", "no es un tipo de tarea conocido")
	}
}

func (v *validacion) prioridad(p Prioridad) {
	if p < Baja || p > Critica {
		v.mal("prioridad", "va de 1 (baja) a 5 (critica)")
	}
}

func (v *validacion) horario(desde time.Time, hasta *time.Time) {
	if hasta != nil && !hasta.After(desde) {
		v.mal("fin_programado", "tiene que ser posterior al inicio programado")
	}
}

func (v *validacion) lugar(l *Lugar) {
	if l == nil {
		return
	}
	if !l.Valido() {
		v.mal("ubicacion", geo.ErrCoordenada.Message)
	}
	v.texto("ubicacion.descripcion", l.Descripcion, 0, 200)
}

// punto is where it is; nil for nowhere.
func (u *Ubicacion) punto() *geo.Punto {
	if u == nil {
		return nil
	}
	return new(u.Punto)
}
