// Package aprobacion is the rule of four eyes: what one administrator asks for, another one
// approves, and it then happens once.
//
//	(nada) --solicitar--> solicitada --aprobar--> aprobada --ejecutar--> ejecutada
//	                       |    |                    |
//	               rechazar|    +------vencer--------+
//	                       v             v
//	                  rechazada       vencida
//
// Whoever asks may not approve. What was approved is stated in the request and cannot be
// changed afterwards: Ejecutar belongs into one append with what it permits.
package aprobacion

import (
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Clase is what is asked for.
type Clase string

// The canonical words, as stored.
const (
	Exportacion      Clase = "exportacion"       // a copy of a stretch of the log
	BorradoDatos     Clase = "borrado_datos"     // of a person, for ever
	RolAdministrador Clase = "rol_administrador" // for a Usuario
	Salto            Clase = "salto"             // of an event that a projection cannot apply
)

// Estado of a request.
type Estado string

// The canonical words, as stored.
const (
	EstadoSolicitada Estado = "solicitada"
	EstadoAprobada   Estado = "aprobada"
	EstadoRechazada  Estado = "rechazada"
	EstadoVencida    Estado = "vencida"
	EstadoEjecutada  Estado = "ejecutada"
)

// Pedido is what exactly is asked for; which fields are filled depends on the Clase.
type Pedido struct {
	Clase      Clase         `json:"clase"`
	Usuario    ident.Usuario `json:"usuario,omitzero"`    // whose data, whose rol
	Desde      time.Time     `json:"desde,omitzero"`      // of an export, by time recorded
	Hasta      time.Time     `json:"hasta,omitzero"`      // exclusive
	Proyeccion string        `json:"proyeccion,omitzero"` // of a skip
	Clave      string        `json:"clave,omitzero"`      // of a skip
}

func (p Pedido) igual(q Pedido) bool {
	same := p.Desde.Equal(q.Desde) && p.Hasta.Equal(q.Hasta)
	p.Desde, p.Hasta = q.Desde, q.Hasta
	return same && p == q
}

func (p Pedido) faltas() (wrong []fault.Field) {
	need := func(name string, ok bool) {
		if !ok {
			wrong = append(wrong, fault.Field{Name: name, Message: "falta o no es válido"})
		}
	}
	switch p.Clase {
	case Exportacion:
		need("desde", !p.Desde.IsZero())
		need("hasta", p.Hasta.After(p.Desde))
	case BorradoDatos, RolAdministrador:
		need("usuario", p.Usuario != "")
	case Salto:
		need("proyeccion", p.Proyeccion != "" && len(p.Proyeccion) <= 60)
		need("clave", p.Clave != "" && len(p.Clave) <= 200)
	default:
		need("clase", false)
	}
	return wrong
}

// maxMotivo bounds a reason, in characters.
const maxMotivo = 4000

// Decider is the behaviour of an Aprobacion.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct {
	estado      Estado
	pedido      Pedido
	solicitante ident.Usuario
	vence       time.Time
}

// Pedido returns what was asked for, and Estado how it stands; "" when nothing ever was.
func (s State) Pedido() Pedido { return s.pedido }

// Estado returns how the request stands.
func (s State) Estado() Estado { return s.estado }

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	if permiso.De(c.Autor().Rol, c.Autoriza()) != permiso.Todo {
		return nil, permiso.ErrProhibido
	}
	if _, nueva := c.(Solicitar); !nueva && s.estado == "" {
		return nil, ErrNoExiste
	}
	switch c := c.(type) {
	case Solicitar:
		return s.solicitar(c)
	case Aprobar:
		switch {
		case s.estado == EstadoAprobada, s.estado == EstadoEjecutada:
			return nil, nil
		case s.estado != EstadoSolicitada:
			return nil, ErrResuelta
		case !c.En.Before(s.vence):
			return nil, ErrVencida
		case c.Por.Usuario == s.solicitante || c.Por.Usuario == "":
			return nil, ErrPropia
		}
		return []Event{Aprobada{Por: c.Por.Usuario, En: c.En}}, nil
	case Rechazar:
		switch {
		case s.estado == EstadoRechazada:
			return nil, nil
		case s.estado != EstadoSolicitada && s.estado != EstadoAprobada:
			return nil, ErrResuelta
		case c.Motivo.Empty():
			return nil, ErrDatos.With(fault.Field{Name: "motivo", Message: "falta"})
		}
		return []Event{Rechazada{Por: c.Por.Usuario, Motivo: c.Motivo.Commitment(), En: c.En}}, nil
	case Vencer:
		if s.estado != EstadoSolicitada && s.estado != EstadoAprobada || c.En.Before(s.vence) {
			return nil, nil
		}
		return []Event{Vencida{En: c.En}}, nil
	case Ejecutar:
		switch {
		case s.estado == EstadoEjecutada:
			return nil, ErrYaEjecutada
		case s.estado != EstadoAprobada:
			return nil, ErrSinAprobar
		case !c.En.Before(s.vence):
			return nil, ErrVencida
		case !c.Pedido.igual(s.pedido):
			return nil, ErrOtroPedido
		}
		return []Event{Ejecutada{Pedido: s.pedido, Por: c.Por.Usuario, Posicion: c.Posicion, Desde: c.Desde, Hasta: c.Hasta, En: c.En}}, nil
	}
	panic("unreachable: Command is sealed")
}

func (s State) solicitar(c Solicitar) ([]Event, error) {
	if s.estado != "" {
		return nil, ErrYaExiste
	}
	wrong := c.Pedido.faltas()
	if n := utf8.RuneCountInString(c.Motivo.Value); n < 5 || n > maxMotivo {
		wrong = append(wrong, fault.Field{Name: "motivo", Message: "lleva de 5 a 4000 caracteres"})
	}
	if !c.Vence.After(c.En) {
		wrong = append(wrong, fault.Field{Name: "vence", Message: "tiene que ser después"})
	}
	if len(wrong) > 0 {
		return nil, ErrDatos.With(wrong...)
	}
	if c.Pedido.Clase == RolAdministrador && c.Pedido.Usuario == c.Por.Usuario {
		return nil, ErrPropia
	}
	return []Event{Solicitada{
		ID: c.ID, Pedido: c.Pedido, Por: c.Por.Usuario, Motivo: c.Motivo.Commitment(), Vence: c.Vence, En: c.En,
	}}, nil
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Solicitada:
		s = State{estado: EstadoSolicitada, pedido: e.Pedido, solicitante: e.Por, vence: e.Vence}
	case Aprobada:
		s.estado = EstadoAprobada
	case Rechazada:
		s.estado = EstadoRechazada
	case Vencida:
		s.estado = EstadoVencida
	case Ejecutada:
		s.estado = EstadoEjecutada
	}
	return s
}
