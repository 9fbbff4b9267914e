package tarea

import (
	"strings"

	"github.com/grupo-gad/gad/domain/fault"
)

// Tipo says what kind of work a Tarea is.
type Tipo string

// Prioridad orders Tareas: 1 baja, 2 media, 3 alta, 4 urgente, 5 critica.
type Prioridad int

// Estado is where a Tarea is in its life.
type Estado string

// EstadoAsignacion is where one Efectivo is in carrying a Tarea out.
type EstadoAsignacion string

// The canonical words, as stored.
const (
	Patrullaje     Tipo = "patrullaje"
	Investigacion  Tipo = "investigacion"
	Vigilancia     Tipo = "vigilancia"
	Intervencion   Tipo = "intervencion"
	Inspeccion     Tipo = "inspeccion"
	Administrativa Tipo = "administrativa"
	Entrenamiento  Tipo = "entrenamiento"
	Emergencia     Tipo = "emergencia"

	Baja    Prioridad = 1
	Media   Prioridad = 2
	Alta    Prioridad = 3
	Urgente Prioridad = 4
	Critica Prioridad = 5

	EstadoProgramada Estado = "programada"
	EstadoEnCurso    Estado = "en_curso"
	EstadoPausada    Estado = "pausada"
	EstadoFinalizada Estado = "finalizada"
	EstadoCancelada  Estado = "cancelada"

	PasoOfrecida  EstadoAsignacion = "ofrecida" // by a recommendation; he may still say no
	PasoAsignada  EstadoAsignacion = "asignada" // by a dispatcher's order
	PasoAceptada  EstadoAsignacion = "aceptada"
	PasoRechazada EstadoAsignacion = "rechazada"
	PasoEnCamino  EstadoAsignacion = "en_camino"
	PasoEnLugar   EstadoAsignacion = "en_lugar"
	PasoLiberada  EstadoAsignacion = "liberada"
)

// tipos and estados accept the words of older clients; they are never stored.
var (
	tipos = map[string]Tipo{
		"patrullaje": Patrullaje, "investigacion": Investigacion, "vigilancia": Vigilancia,
		"intervencion": Intervencion, "operativa": Intervencion, "operativo": Intervencion,
		"inspeccion": Inspeccion, "administrativa": Administrativa, "administrativo": Administrativa,
		"entrenamiento": Entrenamiento, "emergencia": Emergencia,
	}
	prioridades = map[string]Prioridad{
		"baja": Baja, "media": Media, "alta": Alta, "urgente": Urgente, "critica": Critica,
		"low": Baja, "medium": Media, "high": Alta, "urgent": Urgente, "critical": Critica,
		"1": Baja, "2": Media, "3": Alta, "4": Urgente, "5": Critica,
	}
	estados = map[string]Estado{
		"programada": EstadoProgramada, "pendiente": EstadoProgramada, "pending": EstadoProgramada,
		"en_curso": EstadoEnCurso, "activa": EstadoEnCurso, "in_progress": EstadoEnCurso, "pausada": EstadoPausada,
		"finalizada": EstadoFinalizada, "completada": EstadoFinalizada, "completed": EstadoFinalizada,
		"cancelada": EstadoCancelada,
	}
)

// ParseTipo reads a tipo or one of its aliases, in any case.
func ParseTipo(s string) (Tipo, error) {
	if t, ok := tipos[strings.ToLower(s)]; ok {
		return t, nil
	}
	return "", ErrTipo.With(fault.Field{Name: "tipo", Message: "no es un tipo de tarea conocido"})
}

// ParsePrioridad reads a prioridad by name, number or alias, in any case.
func ParsePrioridad(s string) (Prioridad, error) {
	if p, ok := prioridades[strings.ToLower(s)]; ok {
		return p, nil
	}
	return 0, ErrPrioridad.With(fault.Field{Name: "prioridad", Message: "va de 1 (baja) a 5 (critica)"})
}

// ParseEstado reads an estado or one of its aliases, in any case.
func ParseEstado(s string) (Estado, error) {
	if e, ok := estados[strings.ToLower(s)]; ok {
		return e, nil
	}
	return "", ErrEstado.With(fault.Field{Name: "estado", Message: "no es un estado de tarea conocido"})
}

// Nombre returns the canonical word of p.
func (p Prioridad) Nombre() string {
	if p < Baja || p > Critica {
		return ""
	}
	return [...]string{"baja", "media", "alta", "urgente", "critica"}[p-1]
}

// Abierta reports whether somebody may still work on it.
func (e Estado) Abierta() bool {
	return e == EstadoProgramada || e == EstadoEnCurso || e == EstadoPausada
}

// Activa reports whether the Efectivo is still bound to the Tarea.
func (e EstadoAsignacion) Activa() bool {
	return e == PasoOfrecida || e == PasoAsignada || e == PasoAceptada || e == PasoEnCamino || e == PasoEnLugar
}

// respuesta reports whether it is a step that an Efectivo himself takes.
func (e EstadoAsignacion) respuesta() bool {
	return e == PasoAceptada || e == PasoRechazada || e == PasoEnCamino || e == PasoEnLugar
}

// orden ranks the steps forward; a step is never taken back.
func (e EstadoAsignacion) orden() int {
	switch e {
	case PasoOfrecida, PasoAsignada:
		return 1
	case PasoAceptada:
		return 2
	case PasoEnCamino:
		return 3
	case PasoEnLugar:
		return 4
	case PasoRechazada, PasoLiberada:
		return 5
	}
	return 0
}
