package efectivo

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// EstadoLicencia says how far a leave has come.
type EstadoLicencia string

// The canonical words, as stored.
const (
	LicenciaPedida    EstadoLicencia = "solicitada"
	LicenciaConcedida EstadoLicencia = "aprobada"
	LicenciaNegada    EstadoLicencia = "rechazada"
)

// maxLicencia bounds one leave.
const maxLicencia = 366 * 24 * time.Hour

// licencia is one leave that was asked for and not refused.
type licencia struct {
	id           ident.Licencia
	desde, hasta time.Time
	estado       EstadoLicencia
	terminada    bool
}

func (s State) solicitarLicencia(c SolicitarLicencia) ([]Event, error) {
	if err := s.activo(c.Por, permiso.LicenciaPedir); err != nil {
		return nil, err
	}
	if _, ok := s.licencia(c.Licencia); ok {
		return nil, nil
	}
	var wrong []fault.Field
	switch {
	case c.Licencia == "":
		wrong = append(wrong, fault.Field{Name: "licencia", Message: "falta"})
	case !c.Hasta.After(c.Desde):
		wrong = append(wrong, fault.Field{Name: "hasta", Message: "tiene que ser posterior a desde"})
	case !c.Hasta.After(c.En):
		wrong = append(wrong, fault.Field{Name: "hasta", Message: "ya pasó"})
	case c.Hasta.Sub(c.Desde) > maxLicencia:
		wrong = append(wrong, fault.Field{Name: "hasta", Message: "una licencia dura como mucho 366 días"})
	}
	if wrong = append(wrong, texto("motivo", c.Motivo)...); len(wrong) > 0 {
		return nil, ErrLicenciaDatos.With(wrong...)
	}
	for _, l := range s.licencias {
		if !l.terminada && l.desde.Before(c.Hasta) && c.Desde.Before(l.hasta) {
			return nil, ErrLicenciaSolapada.With(fault.Field{Name: "desde", Message: ErrLicenciaSolapada.Message})
		}
	}
	return []Event{LicenciaSolicitada{
		Licencia: c.Licencia, Desde: c.Desde, Hasta: c.Hasta, Motivo: c.Motivo.Commitment(), En: c.En,
	}}, nil
}

// aprobarLicencia grants a leave; one whose time has come begins at once.
func (s State) aprobarLicencia(c AprobarLicencia) ([]Event, error) {
	l, err := s.porResolver(c.Orden, c.Licencia)
	switch {
	case err != nil:
		return nil, err
	case l.estado == LicenciaConcedida:
		return nil, nil
	case l.estado == LicenciaNegada:
		return nil, ErrLicenciaResuelta
	case !l.hasta.After(c.En):
		return nil, ErrLicenciaVencida
	case s.deBaja:
		return nil, ErrDeBaja
	}
	events := []Event{LicenciaAprobada{Licencia: l.id, Desde: l.desde, Hasta: l.hasta, En: c.En}}
	if l.desde.After(c.En) {
		return events, nil
	}
	return append(events, s.comienza(l.id, c.En)...), nil
}

func (s State) rechazarLicencia(c RechazarLicencia) ([]Event, error) {
	l, err := s.porResolver(c.Orden, c.Licencia)
	switch {
	case err != nil:
		return nil, err
	case l.estado == LicenciaNegada:
		return nil, nil
	case l.estado == LicenciaConcedida:
		return nil, ErrLicenciaResuelta
	}
	if wrong := texto("motivo", c.Motivo); wrong != nil {
		return nil, ErrLicenciaDatos.With(wrong...)
	}
	return []Event{LicenciaRechazada{Licencia: l.id, Motivo: c.Motivo.Commitment(), En: c.En}}, nil
}

// porResolver is what granting and refusing have in common.
func (s State) porResolver(o Orden, id ident.Licencia) (licencia, error) {
	if err := s.permite(o.Por, permiso.LicenciaResolver); err != nil {
		return licencia{}, err
	}
	l, ok := s.licencia(id)
	switch {
	case !ok:
		return licencia{}, ErrLicenciaNoExiste
	case o.Por.Usuario != "" && o.Por.Usuario == s.usuario:
		return licencia{}, permiso.ErrProhibido
	}
	return l, nil
}

// comenzarLicencia applies a leave whose time has come. Repeated, or overtaken
// by its end, it changes nothing.
func (s State) comenzarLicencia(c ComenzarLicencia) ([]Event, error) {
	if err := s.permite(c.Por, permiso.LicenciaAplicar); err != nil {
		return nil, err
	}
	l, ok := s.licencia(c.Licencia)
	if !ok || s.deBaja || l.estado != LicenciaConcedida || l.terminada || s.vigente == l.id || c.En.Before(l.desde) || !c.En.Before(l.hasta) {
		return nil, nil
	}
	return s.comienza(l.id, c.En), nil
}

// comienza ends a shift that no Tarea holds; with a Tarea he finishes that first
// and is given no other.
func (s State) comienza(id ident.Licencia, en time.Time) (events []Event) {
	if s.EnTurno() && len(s.tareas) == 0 {
		events = append(events, TurnoFinalizado{Turno: s.turno, En: en})
	}
	return append(events, DisponibilidadCambiada{Disponibilidad: EnLicencia, Causa: PorLicencia, Licencia: id, En: en})
}

func (s State) terminarLicencia(c TerminarLicencia) ([]Event, error) {
	if err := s.permite(c.Por, permiso.LicenciaAplicar); err != nil {
		return nil, err
	}
	l, ok := s.licencia(c.Licencia)
	if !ok || s.vigente != c.Licencia || c.En.Before(l.hasta) {
		return nil, nil
	}
	next := FueraServicio
	switch {
	case s.EnTurno() && len(s.tareas) > 0:
		next = EnTarea
	case s.EnTurno():
		next = Disponible
	}
	return []Event{DisponibilidadCambiada{Disponibilidad: next, Causa: PorFinLicencia, Licencia: c.Licencia, En: c.En}}, nil
}

func (s State) licencia(id ident.Licencia) (licencia, bool) {
	i := slices.IndexFunc(s.licencias, func(l licencia) bool { return l.id == id })
	if i < 0 {
		return licencia{}, false
	}
	return s.licencias[i], true
}

// conLicencia returns the leaves with one of them changed.
func (s State) conLicencia(id ident.Licencia, change func(*licencia)) []licencia {
	next := slices.Clone(s.licencias)
	for i := range next {
		if next[i].id == id {
			change(&next[i])
		}
	}
	return next
}

func texto(field string, t sealed.Text) []fault.Field {
	if utf8.RuneCountInString(t.Value) > 4000 {
		return []fault.Field{{Name: field, Message: "lleva como mucho 4000 caracteres"}}
	}
	return nil
}
