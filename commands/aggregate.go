package commands

import (
	"fmt"
	"strings"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
)

// aggregate is a decider whose types were erased, so that one unit of work can
// hold aggregates of several kinds.
type aggregate struct {
	zero   any
	decide func(state any, cmd Command) ([]event.Event, error)
	evolve func(state any, e event.Event) (any, error)
}

func erase[S any, C Command, E event.Event](d decider.Decider[S, C, E]) aggregate {
	return aggregate{
		zero: *new(S),
		decide: func(state any, cmd Command) ([]event.Event, error) {
			c, ok := cmd.(C)
			if !ok {
				return nil, fmt.Errorf("command %T does not belong to its stream %s", cmd, cmd.StreamID())
			}
			decided, err := d.Decide(state.(S), c)
			if err != nil {
				return nil, err
			}
			events := make([]event.Event, len(decided))
			for i, e := range decided {
				events[i] = e
			}
			return events, nil
		},
		evolve: func(state any, e event.Event) (any, error) {
			typed, ok := e.(E)
			if !ok {
				return nil, fmt.Errorf("foreign event %T", e)
			}
			return d.Evolve(state.(S), typed), nil
		},
	}
}

// aggregates by category, the part of a stream id before the first dash.
var aggregates = map[string]aggregate{
	"tarea":      erase(tarea.Decider),
	"efectivo":   erase(efectivo.Decider),
	"usuario":    erase(usuario.Decider),
	"sesion":     erase(sesion.Decider),
	"zona":       erase(zona.Decider),
	"marca":      erase(marca.Decider),
	"aprobacion": erase(aprobacion.Decider),
	"auditoria":  erase(auditoria.Decider),
	"alerta":     erase(operacion.Alerta),
}

func aggregateOf(stream eventstore.StreamID) (aggregate, error) {
	category, _, _ := strings.Cut(string(stream), "-")
	a, ok := aggregates[category]
	if !ok {
		return aggregate{}, fmt.Errorf("stream %s belongs to no aggregate", stream)
	}
	return a, nil
}

// opens reports whether a command starts a stream of its own, which therefore
// need not be read first: the append refuses it if the stream exists after all.
func opens(cmd Command) bool {
	switch cmd.(type) {
	case tarea.Crear, efectivo.Registrar, usuario.Registrar, sesion.Iniciar, zona.Definir, marca.Poner, aprobacion.Solicitar:
		return true
	}
	return false
}
