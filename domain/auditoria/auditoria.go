// Package auditoria is who looked at what is not his to see: personal data of another
// person, and where somebody was. Each look asks for a reason and is a fact before the answer
// leaves; so is looking at too many, and ordering what everybody reads to be made anew.
//
// The stream of a reader is his own ("auditoria-<usuario>"), so that the rule about too many
// is decided where the facts are.
package auditoria

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Limite is how many looks are still no alarm: Tope within Lapso. The zero Limite is the
// default of the operation.
type Limite struct {
	Tope  int
	Lapso time.Duration
}

// More than Tope looks within Lapso are an alarm, where nobody said otherwise.
const (
	Tope  = 50
	Lapso = 10 * time.Minute
)

// MaxTope bounds what is remembered of a reader, and so what a Limite may say.
const MaxTope = 1000

func (l Limite) orDefault() Limite {
	if l.Tope <= 0 || l.Lapso <= 0 {
		return Limite{Tope, Lapso}
	}
	return Limite{min(l.Tope, MaxTope), l.Lapso}
}

// Event is a fact about a reader.
//
//sumtype:decl
type Event interface {
	event.Event
	esAuditoria()
}

// DatosPersonalesLeidos says that somebody asked for the personal data of a Usuario.
type DatosPersonalesLeidos struct {
	Usuario ident.Usuario     `json:"usuario"`
	Campos  []string          `json:"campos"`
	Motivo  sealed.Commitment `json:"motivo"`
	En      time.Time         `json:"en"`
}

// RecorridoLeido says that somebody asked where an Efectivo was.
type RecorridoLeido struct {
	Efectivo ident.Efectivo    `json:"efectivo"`
	Desde    time.Time         `json:"desde"`
	Hasta    time.Time         `json:"hasta"`
	Motivo   sealed.Commitment `json:"motivo"`
	En       time.Time         `json:"en"`
}

// LecturaMasiva says that a reader looked at too many. It is an alarm and said once per Lapso.
type LecturaMasiva struct {
	Usuario  ident.Usuario `json:"usuario"` // the reader
	Lecturas int           `json:"lecturas"`
	En       time.Time     `json:"en"`
}

// ReconstruccionOrdenada says that somebody had a read model made anew from the log, or put
// back as it was before the last time.
type ReconstruccionOrdenada struct {
	Proyeccion string            `json:"proyeccion"`
	Clase      Reconstruccion    `json:"clase"`
	Aceptar    bool              `json:"aceptar,omitzero"` // even where the rows differ
	Motivo     sealed.Commitment `json:"motivo"`
	En         time.Time         `json:"en"`
}

// Reconstruccion is what is ordered of a read model.
type Reconstruccion string

// What can be ordered.
const (
	Reconstruir Reconstruccion = "reconstruir"
	Volver      Reconstruccion = "volver"
)

// EventName implements event.Event.
func (DatosPersonalesLeidos) EventName() string { return "auditoria.datos_personales_leidos" }

// EventName implements event.Event.
func (RecorridoLeido) EventName() string { return "auditoria.recorrido_leido" }

// EventName implements event.Event.
func (LecturaMasiva) EventName() string { return "auditoria.lectura_masiva" }

// EventName implements event.Event.
func (ReconstruccionOrdenada) EventName() string { return "auditoria.reconstruccion_ordenada" }

func (DatosPersonalesLeidos) esAuditoria() {}
func (RecorridoLeido) esAuditoria()        {}
func (LecturaMasiva) esAuditoria()         {}

func (ReconstruccionOrdenada) esAuditoria() {}

// Definitions lists every version of every event of the package.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[DatosPersonalesLeidos](1),
		event.Current[RecorridoLeido](1),
		event.Current[LecturaMasiva](1),
		event.Current[ReconstruccionOrdenada](1),
	}
}

// Stream returns the stream of a reader.
func Stream(reader ident.Usuario) string { return "auditoria-" + string(reader) }

// Command is something that is to be recorded about a reader.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// LeerDatosPersonales records that the author reads Campos of a Usuario. It must be
// accepted before the values leave.
type LeerDatosPersonales struct {
	Por     permiso.Autor
	Usuario ident.Usuario
	Campos  []string
	Motivo  sealed.Text // owned by the reader's stream
	Limite  Limite
	En      time.Time
}

// LeerRecorrido records that the author reads where an Efectivo was in [Desde, Hasta).
type LeerRecorrido struct {
	Por          permiso.Autor
	Efectivo     ident.Efectivo
	Desde, Hasta time.Time
	Motivo       sealed.Text // owned by the reader's stream
	Limite       Limite
	En           time.Time
}

// OrdenarReconstruccion records that the author has a read model made anew. It must be
// accepted before that begins.
type OrdenarReconstruccion struct {
	Por        permiso.Autor
	Proyeccion string
	Clase      Reconstruccion
	Aceptar    bool
	Motivo     sealed.Text // owned by the author's stream
	En         time.Time
}

// Autor returns who orders.
func (c OrdenarReconstruccion) Autor() permiso.Autor { return c.Por }

// StreamID names the stream the command is decided on.
func (c OrdenarReconstruccion) StreamID() string { return Stream(c.Por.Usuario) }

// Texts lists what the order seals.
func (c OrdenarReconstruccion) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Autoriza names the action in the table of permissions.
func (OrdenarReconstruccion) Autoriza() permiso.Accion { return permiso.ProyeccionReconstruir }

func (OrdenarReconstruccion) ordena() {}

// Autor returns who reads.
func (c LeerDatosPersonales) Autor() permiso.Autor { return c.Por }

// Autor returns who reads.
func (c LeerRecorrido) Autor() permiso.Autor { return c.Por }

// StreamID names the stream the command is decided on.
func (c LeerDatosPersonales) StreamID() string { return Stream(c.Por.Usuario) }

// StreamID names the stream the command is decided on.
func (c LeerRecorrido) StreamID() string { return Stream(c.Por.Usuario) }

// Texts lists what the order seals.
func (c LeerDatosPersonales) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c LeerRecorrido) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Autoriza names the action in the table of permissions.
func (LeerDatosPersonales) Autoriza() permiso.Accion { return permiso.DatosPersonalesLeer }

// Autoriza names the action in the table of permissions.
func (LeerRecorrido) Autoriza() permiso.Accion { return permiso.RecorridoLeer }

func (LeerDatosPersonales) ordena() {}
func (LeerRecorrido) ordena()       {}

// The refusals.
var (
	ErrMotivo = fault.New(fault.Invalid, "motivo_requerido", "hace falta un motivo: queda registrado quién miró y por qué")
	// ErrReconstruccion refuses what is none.
	ErrReconstruccion = fault.New(fault.Invalid, "reconstruccion_invalida", "hay que decir qué proyección, y si se reconstruye o se vuelve a la anterior")
	// ErrAjeno: whether it exists is nobody else's business.
	ErrAjeno = fault.New(fault.NotFound, "no_existe", "no existe")
	ErrLapso = fault.New(fault.Invalid, "lapso_invalido", "el lapso tiene que empezar antes de terminar")
)

// Decider is the behaviour of a reader's stream.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember: the last looks, oldest first, at most MaxTope of
// them, and when the last alarm was.
type State struct {
	lecturas []time.Time
	alarma   time.Time
}

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	// Whom a Jurisdiccion reaches is known where this is ordered.
	alcance := permiso.De(c.Autor().Rol, c.Autoriza())
	if alcance == permiso.Nada {
		return nil, permiso.ErrProhibido
	}
	switch c := c.(type) {
	case LeerDatosPersonales:
		if alcance < permiso.EnJurisdiccion && c.Usuario != c.Por.Usuario {
			return nil, ErrAjeno
		}
		if err := motivo(c.Motivo); err != nil {
			return nil, err
		}
		return s.leer(c.Por.Usuario, c.Limite, DatosPersonalesLeidos{Usuario: c.Usuario, Campos: c.Campos, Motivo: c.Motivo.Commitment(), En: c.En}, c.En), nil
	case LeerRecorrido:
		if alcance < permiso.EnJurisdiccion && (c.Efectivo != c.Por.Efectivo || c.Efectivo == "") {
			return nil, ErrAjeno
		}
		if err := motivo(c.Motivo); err != nil {
			return nil, err
		}
		if !c.Hasta.After(c.Desde) {
			return nil, ErrLapso.With(fault.Field{Name: "hasta", Message: "va después de desde"})
		}
		return s.leer(c.Por.Usuario, c.Limite, RecorridoLeido{
			Efectivo: c.Efectivo, Desde: c.Desde, Hasta: c.Hasta, Motivo: c.Motivo.Commitment(), En: c.En,
		}, c.En), nil
	case OrdenarReconstruccion:
		if err := motivo(c.Motivo); err != nil {
			return nil, err
		}
		if c.Proyeccion == "" || c.Clase != Reconstruir && c.Clase != Volver {
			return nil, ErrReconstruccion.With(fault.Field{Name: "proyeccion", Message: ErrReconstruccion.Message})
		}
		return []Event{ReconstruccionOrdenada{Proyeccion: c.Proyeccion, Clase: c.Clase, Aceptar: c.Aceptar, Motivo: c.Motivo.Commitment(), En: c.En}}, nil
	}
	panic("unreachable: Command is sealed")
}

func motivo(t sealed.Text) error {
	if n := utf8.RuneCountInString(t.Value); n < 5 || n > 4000 {
		return ErrMotivo.With(fault.Field{Name: "motivo", Message: "lleva de 5 a 4000 caracteres"})
	}
	return nil
}

// leer adds the alarm when this look is one too many.
func (s State) leer(reader ident.Usuario, l Limite, e Event, en time.Time) []Event {
	l = l.orDefault()
	n := 1
	for _, t := range s.lecturas {
		if en.Sub(t) < l.Lapso {
			n++
		}
	}
	if n <= l.Tope || en.Sub(s.alarma) < l.Lapso {
		return []Event{e}
	}
	return []Event{e, LecturaMasiva{Usuario: reader, Lecturas: n, En: en}}
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case DatosPersonalesLeidos:
		return s.suma(e.En)
	case RecorridoLeido:
		return s.suma(e.En)
	case LecturaMasiva:
		s.alarma = e.En
	case ReconstruccionOrdenada: // no look
	}
	return s
}

func (s State) suma(en time.Time) State {
	// Never the array of another state: states are shared.
	s.lecturas = append(slices.Clone(s.lecturas[max(0, len(s.lecturas)-MaxTope+1):]), en)
	return s
}
