package operacion

import (
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// An alarm is an alert about the use of the system itself: somebody read a great many people's
// data, the rol of administrador was given on the server, a refresh token had a copy. Seeing it
// is not enough: somebody who answers for the system says that he has looked into it.

// AlertaAtendida says that an alarm was looked into.
type AlertaAtendida struct {
	Usuario ident.Usuario `json:"usuario"`
	En      time.Time     `json:"en"`
}

// EventName implements event.Event.
func (AlertaAtendida) EventName() string { return "alerta.atendida" }

func (AlertaAtendida) esAlerta() {}

// ErrAlarmaPropia refuses it: nobody clears himself.
var ErrAlarmaPropia = fault.New(fault.Forbidden, "alarma_propia", "la alarma es sobre usted: la tiene que atender otra persona")

// AtenderAlarma records that the author has looked into it; the first time counts.
type AtenderAlarma struct {
	OrdenAlerta
	De ident.Usuario // whom it is about
}

// Autoriza names the action in the table of permissions.
func (AtenderAlarma) Autoriza() permiso.Accion { return permiso.IncidenteAtender }

func (s AlertaState) atender(c AtenderAlarma) ([]AlertaEvent, error) {
	switch {
	case c.Por.Usuario == c.De:
		return nil, ErrAlarmaPropia
	case s.atendida:
		return nil, nil
	}
	return []AlertaEvent{AlertaAtendida{Usuario: c.Por.Usuario, En: c.En}}, nil
}
