package efectivo

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
)

// maxAceleracion bounds how fast a simulated Efectivo may move.
const maxAceleracion = 10_000

func (s State) registrar(c Registrar) ([]Event, error) {
	switch {
	case c.Por.Alcance(permiso.EfectivoAlta) < permiso.EnJurisdiccion:
		return nil, permiso.ErrProhibido
	case s.Existe():
		return nil, ErrYaExiste
	case ajena(c.Por, c.Unidad):
		return nil, permiso.ErrFueraDeJurisdiccion.With(fault.Field{Name: "unidad", Message: permiso.ErrFueraDeJurisdiccion.Message})
	}
	c.CodigoInterno = strings.TrimSpace(c.CodigoInterno)
	var wrong []fault.Field
	if n := utf8.RuneCountInString(c.CodigoInterno); n < 3 || n > 40 {
		wrong = append(wrong, fault.Field{Name: "codigo_interno", Message: "lleva de 3 a 40 caracteres"})
	}
	for _, f := range []struct{ name, value string }{{"rango", c.Rango}, {"unidad", c.Unidad}, {"especialidad", c.Especialidad}} {
		if utf8.RuneCountInString(f.value) > 100 {
			wrong = append(wrong, fault.Field{Name: f.name, Message: "lleva como mucho 100 caracteres"})
		}
	}
	if c.Usuario == "" {
		wrong = append(wrong, fault.Field{Name: "usuario", Message: "falta"})
	}
	if len(wrong) > 0 {
		return nil, ErrDatos.With(wrong...)
	}
	if c.Aceleracion != 0 && (!c.Simulado || !(c.Aceleracion >= 1 && c.Aceleracion <= maxAceleracion)) {
		return nil, ErrSimulado.With(fault.Field{Name: "aceleracion", Message: "va de 1 a 10000 y solo en simulados"})
	}
	return []Event{Registrado{
		ID: c.ID, Usuario: c.Usuario, CodigoInterno: c.CodigoInterno, Rango: c.Rango, Unidad: c.Unidad,
		Especialidad: c.Especialidad, Simulado: c.Simulado, Aceleracion: c.Aceleracion, En: c.En,
	}}, nil
}

// ajena reports whether somebody could not see whom he puts into a unidad any more.
func ajena(por permiso.Autor, unidad string) bool {
	return por.Alcance(permiso.EfectivoAlta) == permiso.EnJurisdiccion && !por.Jurisdiccion.Unidad(unidad)
}

func (s State) modificarFicha(c ModificarFicha) ([]Event, error) {
	if err := s.permite(c.Por, permiso.EfectivoAlta); err != nil {
		return nil, err
	}
	if c.Rango == nil && c.Unidad == nil && c.Especialidad == nil {
		return nil, nil
	}
	if c.Unidad != nil && ajena(c.Por, *c.Unidad) {
		return nil, permiso.ErrFueraDeJurisdiccion.With(fault.Field{Name: "unidad", Message: permiso.ErrFueraDeJurisdiccion.Message})
	}
	for _, f := range []struct {
		name  string
		value *string
	}{{"rango", c.Rango}, {"unidad", c.Unidad}, {"especialidad", c.Especialidad}} {
		if f.value != nil && utf8.RuneCountInString(*f.value) > 100 {
			return nil, ErrDatos.With(fault.Field{Name: f.name, Message: "lleva como mucho 100 caracteres"})
		}
	}
	return []Event{FichaModificada{Rango: c.Rango, Unidad: c.Unidad, Especialidad: c.Especialidad, En: c.En}}, nil
}

func (s State) iniciarTurno(c IniciarTurno) ([]Event, error) {
	if err := s.activo(c.Por, permiso.EfectivoTurno); err != nil || s.EnTurno() {
		return nil, err // on duty already: nothing left to do
	}
	if s.vigente != "" {
		return nil, ErrEnLicencia
	}
	if c.Turno == "" {
		return nil, ErrDatos.With(fault.Field{Name: "turno", Message: "falta"})
	}
	return []Event{TurnoIniciado{Turno: c.Turno, En: c.En}}, nil
}

func (s State) finalizarTurno(c FinalizarTurno) ([]Event, error) {
	if err := s.permite(c.Por, permiso.EfectivoTurno); err != nil || !s.EnTurno() {
		return nil, err
	}
	forced := len(s.tareas) > 0
	switch {
	case forced && !c.Forzar:
		return nil, ErrConTarea
	case forced && permiso.De(c.Por.Rol, permiso.EfectivoForzar) != permiso.Todo:
		return nil, permiso.ErrProhibido
	}
	events := []Event{TurnoFinalizado{Turno: s.turno, Forzado: forced, En: c.En}}
	if s.vigente != "" { // a leave began while a Tarea held him
		events = append(events, DisponibilidadCambiada{Disponibilidad: EnLicencia, Causa: PorLicencia, Licencia: s.vigente, En: c.En})
	}
	return events, nil
}

func (s State) cambiarDisponibilidad(c CambiarDisponibilidad) ([]Event, error) {
	if err := s.permite(c.Por, permiso.EfectivoEstado); err != nil {
		return nil, err
	}
	switch {
	case c.Disponibilidad != Disponible && c.Disponibilidad != NoDisponible:
		return nil, ErrDisponibilidad.With(fault.Field{
			Name: "disponibilidad", Message: "se puede declarar disponible o no_disponible; las demás resultan del turno, las tareas y las licencias",
		})
	case c.Disponibilidad == s.actual:
		return nil, nil
	case s.vigente != "":
		return nil, ErrEnLicencia
	case !s.EnTurno():
		return nil, ErrFueraDeTurno
	case c.Disponibilidad == Disponible && len(s.tareas) > 0:
		if s.actual != NoDisponible {
			return nil, ErrOcupado
		}
		c.Disponibilidad = EnTarea // taken back: free is what he will be after his Tarea
	}
	return []Event{DisponibilidadCambiada{Disponibilidad: c.Disponibilidad, Causa: PorOrden, En: c.En}}, nil
}

// ocupar takes him for a Tarea: only on duty and free, unless forced.
func (s State) ocupar(c Ocupar) ([]Event, error) {
	if !s.Existe() || c.Elegido && !s.alcanza(c.Por, c.Por.Alcance(permiso.TareaAsignar)) {
		return nil, ErrNoExiste
	}
	if slices.Contains(s.tareas, c.Tarea) {
		return nil, nil
	}
	switch {
	case s.deBaja:
		return nil, ErrDeBaja
	case c.SinAcceso: // forced or not: an order that nobody reads helps nobody
		return nil, ErrSinAcceso
	}
	free := s.Libre()
	if !free && !c.Forzar {
		switch {
		case s.vigente != "":
			return nil, ErrEnLicencia
		case !s.EnTurno():
			return nil, ErrFueraDeTurno
		case s.actual == EnTarea:
			return nil, ErrOcupado
		default:
			return nil, ErrNoDisponible
		}
	}
	return []Event{DisponibilidadCambiada{
		Disponibilidad: EnTarea, Causa: PorAsignacion, Tarea: c.Tarea, Forzada: !free, En: c.En,
	}}, nil
}

// desocupar frees him from a Tarea. With no other Tarea he is free again if he
// is on duty and had not declared himself away, before a Tarea forced on him or since.
func (s State) desocupar(c Desocupar) ([]Event, error) {
	if !slices.Contains(s.tareas, c.Tarea) {
		return nil, nil
	}
	next := FueraServicio
	var events []Event
	switch {
	case len(s.tareas) > 1:
		next = s.actual // still bound; what he declared meanwhile stands
	case s.vigente != "":
		if next = EnLicencia; s.EnTurno() { // his leave waited for this Tarea, and so did the end of his shift
			events = append(events, TurnoFinalizado{Turno: s.turno, En: c.En})
		}
	case s.EnTurno() && s.actual == EnTarea && !s.ausente:
		next = Disponible
	}
	return append(events, DisponibilidadCambiada{Disponibilidad: next, Causa: PorLiberacion, Tarea: c.Tarea, SinTomar: c.SinTomar, En: c.En}), nil
}
