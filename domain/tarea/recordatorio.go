package tarea

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// RecordatorioVencida is the Clase that says, to no Efectivo in particular, that the Tarea
// should have ended at Vence and has not.
const RecordatorioVencida = "vencida"

// RecordatorioEnviado says that somebody was reminded of the Tarea.
type RecordatorioEnviado struct {
	Clase    string         `json:"clase"` // "t-40", "t-10", RecordatorioVencida
	Efectivo ident.Efectivo `json:"efectivo,omitzero"`
	// Vence is the instant the reminder was due at: with Clase and Efectivo it tells
	// one reminder from every other.
	Vence time.Time `json:"vence"`
	En    time.Time `json:"en"`
}

// RecordatorioAcusado says that he has read it.
type RecordatorioAcusado struct {
	Clase    string         `json:"clase"`
	Efectivo ident.Efectivo `json:"efectivo,omitzero"`
	Vence    time.Time      `json:"vence"`
	En       time.Time      `json:"en"`
}

// EventName implements event.Event.
func (RecordatorioEnviado) EventName() string { return "tarea.recordatorio_enviado" }

// EventName implements event.Event.
func (RecordatorioAcusado) EventName() string { return "tarea.recordatorio_acusado" }

// Vencida reports whether it says that the Tarea should have ended.
func (e RecordatorioEnviado) Vencida() bool {
	return e.Clase == RecordatorioVencida && e.Efectivo == ""
}

func (RecordatorioEnviado) esTarea() {}
func (RecordatorioAcusado) esTarea() {}

// Recordar reminds an Efectivo bound to the Tarea, or with no Efectivo its delegado.
// The same Clase, Efectivo and Vence a second time changes nothing; neither does a
// reminder for somebody who is not bound any more, for the delegado of what somebody has
// meanwhile, of a Tarea that has ended, of an end that was put off or taken away, or of a start
// that was moved or is past: whoever orders it may know less than the Tarea does.
type Recordar struct {
	Orden
	Clase    string
	Efectivo ident.Efectivo
	Vence    time.Time
	// Base is the start of the Tarea that a reminder of it was counted from; RecordatorioVencida
	// needs none.
	Base time.Time
}

// AcusarRecordatorio says that the Efectivo has read the reminder; with no Efectivo, that
// whoever is in charge has.
type AcusarRecordatorio struct {
	Orden
	Clase    string
	Efectivo ident.Efectivo
	Vence    time.Time
}

// Autoriza names the action in the table of permissions.
func (Recordar) Autoriza() permiso.Accion { return permiso.TareaRecordar }

// Autoriza names the action in the table of permissions.
func (AcusarRecordatorio) Autoriza() permiso.Accion { return permiso.TareaResponder }

// clave tells one reminder from another.
type clave struct {
	clase    string
	efectivo ident.Efectivo
	vence    int64 // microseconds: instants compare, locations do not
}

type recuerdo struct {
	clave
	acusado bool
}

func claveDe(e RecordatorioEnviado) clave { return clave{e.Clase, e.Efectivo, e.Vence.UnixMicro()} }

func (s State) recordar(c Recordar) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaRecordar); err != nil {
		return nil, err
	}
	var v validacion
	if c.Clase == "" || len(c.Clase) > 40 {
		v.mal("clase", "lleva de 1 a 40 caracteres")
	}
	if c.Vence.IsZero() {
		v.mal("vence", "falta")
	}
	if c.Clase != RecordatorioVencida && c.Base.IsZero() {
		v.mal("base", "falta")
	}
	if len(v) > 0 {
		return nil, ErrDatos.With(v...)
	}
	paso, ok := s.asignacion(c.Efectivo)
	switch {
	case !s.estado.Abierta(), c.Efectivo != "" && (!ok || !paso.Activa()):
		return nil, nil
	case c.Efectivo == "" && c.Clase != RecordatorioVencida && len(s.Activos()) > 0:
		return nil, nil // he who has it is reminded
	case c.Clase == RecordatorioVencida && !s.vencida(c), c.Clase != RecordatorioVencida && !s.empieza(c.Base):
		return nil, nil
	case s.recuerdo(clave{c.Clase, c.Efectivo, c.Vence.UnixMicro()}) >= 0:
		return nil, nil
	}
	return []Event{RecordatorioEnviado{Clase: c.Clase, Efectivo: c.Efectivo, Vence: c.Vence, En: c.En}}, nil
}

// vencida reports whether what should have ended by the instant of a reminder is still so.
func (s State) vencida(c Recordar) bool {
	return s.conFin && !c.Vence.Before(s.horario.Hasta) && !c.En.Before(s.horario.Hasta)
}

// empieza reports whether the Tarea has yet to begin, at that instant. Instants count to the
// microsecond, as they are kept.
func (s State) empieza(at time.Time) bool {
	return s.estado == EstadoProgramada && s.horario.Desde.UnixMicro() == at.UnixMicro()
}

func (s State) acusarRecordatorio(c AcusarRecordatorio) ([]Event, error) {
	switch alcance := c.Por.Alcance(permiso.TareaResponder); {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case !s.Existe(), !s.respondible(c.Por, alcance, c.Efectivo) && (c.Efectivo != "" || !s.propia(c.Por)):
		return nil, ErrNoExiste
	}
	i := s.recuerdo(clave{c.Clase, c.Efectivo, c.Vence.UnixMicro()})
	switch {
	case i < 0:
		return nil, ErrSinRecordatorio.With(fault.Field{Name: "clase", Message: "no se envió ese recordatorio"})
	case s.recordados[i].acusado:
		return nil, nil
	}
	return []Event{RecordatorioAcusado{Clase: c.Clase, Efectivo: c.Efectivo, Vence: c.Vence, En: c.En}}, nil
}

func (s State) recuerdo(k clave) int {
	return slices.IndexFunc(s.recordados, func(r recuerdo) bool { return r.clave == k })
}

func (s State) acusado(e RecordatorioAcusado) []recuerdo {
	next := slices.Clone(s.recordados)
	if i := s.recuerdo(clave{e.Clase, e.Efectivo, e.Vence.UnixMicro()}); i >= 0 {
		next[i].acusado = true
	}
	return next
}
