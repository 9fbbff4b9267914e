package operacion

import (
	"slices"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// An alert is a fact that somebody must see. Its id is the stream and the version of
// that fact, "efectivo-<uuid>@7"; what became of it has a stream of its own.

// StreamAlerta names the history of an alert.
func StreamAlerta(id string) string { return "alerta-" + id }

// AlertaEvent is a fact in the life of an alert.
//
//sumtype:decl
type AlertaEvent interface {
	event.Event
	esAlerta()
}

// AlertaEntregada says that it reached somebody.
type AlertaEntregada struct {
	Usuario ident.Usuario `json:"usuario"`
	Canal   string        `json:"canal"` // "telegram", "ws"
	En      time.Time     `json:"en"`
}

// AlertaAcusada says that he has seen it.
type AlertaAcusada struct {
	Usuario ident.Usuario `json:"usuario"`
	En      time.Time     `json:"en"`
}

// AlertaEscalada says that nobody has attended to it and it goes further up.
type AlertaEscalada struct {
	Efectivo ident.Efectivo `json:"efectivo"` // who called for help
	Nivel    int            `json:"nivel"`    // from 1
	En       time.Time      `json:"en"`
}

// EventName implements event.Event.
func (AlertaEntregada) EventName() string { return "alerta.entregada" }

// EventName implements event.Event.
func (AlertaAcusada) EventName() string { return "alerta.acusada" }

// EventName implements event.Event.
func (AlertaEscalada) EventName() string { return "alerta.escalada" }

func (AlertaEntregada) esAlerta() {}
func (AlertaAcusada) esAlerta()   {}
func (AlertaEscalada) esAlerta()  {}

// DefinicionesAlerta lists every version of every event of an alert.
func DefinicionesAlerta() []event.Definition {
	return []event.Definition{
		event.Current[AlertaEntregada](1), event.Current[AlertaAcusada](1), event.Current[AlertaEscalada](1), event.Current[AlertaAtendida](1),
	}
}

// ErrAlerta refuses what is said of an alert that is none.
var ErrAlerta = fault.New(fault.NotFound, "alerta_no_existe", "la alerta no existe")

// AlertaCommand is something to be recorded about an alert. Whether the alert exists is
// for whoever gives the order to know: the log has its fact.
//
//sumtype:decl
type AlertaCommand interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordenaAlerta()
}

// OrdenAlerta is what these orders carry.
type OrdenAlerta struct {
	ID  string
	Por permiso.Autor
	En  time.Time
}

// EntregarAlerta records that it reached somebody; the first time on each channel counts.
type EntregarAlerta struct {
	OrdenAlerta
	Usuario ident.Usuario
	Canal   string
}

// AcusarAlerta records that the author has seen it; the first time counts.
type AcusarAlerta struct{ OrdenAlerta }

// EscalarAlerta takes it further up.
type EscalarAlerta struct {
	OrdenAlerta
	Efectivo ident.Efectivo
	Nivel    int
}

// Autor returns who gives the order.
func (o OrdenAlerta) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o OrdenAlerta) StreamID() string { return StreamAlerta(o.ID) }

// Texts implements the command of every aggregate: an alert seals nothing.
func (OrdenAlerta) Texts() []sealed.Text { return nil }

func (OrdenAlerta) ordenaAlerta() {}

// Autoriza names the action in the table of permissions.
func (EntregarAlerta) Autoriza() permiso.Accion { return permiso.AlertaEscalar }

// Autoriza names the action in the table of permissions.
func (AcusarAlerta) Autoriza() permiso.Accion { return permiso.AlertaAcusar }

// Autoriza names the action in the table of permissions.
func (EscalarAlerta) Autoriza() permiso.Accion { return permiso.AlertaEscalar }

// Alerta is the behaviour of an alert.
var Alerta = decider.Decider[AlertaState, AlertaCommand, AlertaEvent]{Decide: decideAlerta, Evolve: evolveAlerta}

// AlertaState is what is remembered of an alert.
type AlertaState struct {
	entregas []string // usuario|canal
	acuses   []ident.Usuario
	nivel    int
	atendida bool
}

func decideAlerta(s AlertaState, c AlertaCommand) ([]AlertaEvent, error) {
	if permiso.De(c.Autor().Rol, c.Autoriza()) == permiso.Nada {
		return nil, permiso.ErrProhibido
	}
	switch c := c.(type) {
	case EntregarAlerta:
		if slices.Contains(s.entregas, string(c.Usuario)+"|"+c.Canal) {
			return nil, nil
		}
		return []AlertaEvent{AlertaEntregada{Usuario: c.Usuario, Canal: c.Canal, En: c.En}}, nil
	case AcusarAlerta:
		if slices.Contains(s.acuses, c.Por.Usuario) {
			return nil, nil
		}
		return []AlertaEvent{AlertaAcusada{Usuario: c.Por.Usuario, En: c.En}}, nil
	case EscalarAlerta:
		if c.Nivel <= s.nivel {
			return nil, nil
		}
		return []AlertaEvent{AlertaEscalada{Efectivo: c.Efectivo, Nivel: c.Nivel, En: c.En}}, nil
	case AtenderAlarma:
		return s.atender(c)
	}
	panic("unreachable: AlertaCommand is sealed")
}

func evolveAlerta(s AlertaState, e AlertaEvent) AlertaState {
	switch e := e.(type) {
	case AlertaEntregada:
		s.entregas = append(slices.Clone(s.entregas), string(e.Usuario)+"|"+e.Canal)
	case AlertaAcusada:
		s.acuses = append(slices.Clone(s.acuses), e.Usuario)
	case AlertaEscalada:
		s.nivel = e.Nivel
	case AlertaAtendida:
		s.atendida = true
	}
	return s
}

// DeAlerta splits the id of an alert into the stream and the text of the version.
func DeAlerta(id string) (stream, version string, ok bool) {
	i := strings.LastIndexByte(id, '@')
	if i < 1 || i == len(id)-1 {
		return "", "", false
	}
	return id[:i], id[i+1:], true
}
