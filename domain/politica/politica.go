// Package politica says which timers follow from the facts of a Tarea and of an
// Efectivo: at what instant something is to be ordered unless a fact comes first.
//
// A timer is a pure function of the facts, so losing every row of them loses
// nothing. Its ID is one of what it is about and when it is due: an order that
// carries it can be given again and happens once.
package politica

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

// Clase says what a timer is for.
type Clase string

// The kinds, as stored.
const (
	Oferta           Clase = "oferta"            // nobody answered: on to the next
	Recordatorio40   Clase = "t-40"              // the Tarea begins in 40 minutes
	Recordatorio10   Clase = "t-10"              // in 10 minutes
	Vencida          Clase = "vencida"           // it should have ended
	LicenciaComienza Clase = "licencia_comienza" // a granted leave begins
	LicenciaTermina  Clase = "licencia_termina"  // it is over
	SOS              Clase = "sos"               // nobody has attended a call for help
)

// Recordatorios are how long before its start a Tarea is called to mind.
var recordatorios = []struct {
	clase Clase
	antes time.Duration
}{{Recordatorio40, 40 * time.Minute}, {Recordatorio10, 10 * time.Minute}}

// plazosSOS are how long a call for help waits before each escalation.
var plazosSOS = []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute}

// Timer is one order that is due at an instant.
type Timer struct {
	Clase    Clase          `json:"clase"`
	Tarea    ident.Tarea    `json:"tarea,omitzero"`
	Efectivo ident.Efectivo `json:"efectivo,omitzero"`
	Licencia ident.Licencia `json:"licencia,omitzero"`
	Alerta   string         `json:"alerta,omitzero"` // the call for help
	Nivel    int            `json:"nivel,omitzero"`  // of an escalation, from 1
	Vence    time.Time      `json:"vence"`
}

// ID is a UUIDv8 of everything that tells t from other timers.
func (t Timer) ID() [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "gad/timer/1|%s|%s|%s|%s|%s|%d|%d",
		t.Clase, t.Tarea, t.Efectivo, t.Licencia, t.Alerta, t.Nivel, t.Vence.UnixMicro()))
	id := [16]byte(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// Tarea is what is remembered of a Tarea. Its fields are exported because it is
// kept between windows of the log.
type Tarea struct {
	Abierta    bool       `json:"abierta"`
	Programada bool       `json:"programada"` // not begun
	Inicio     time.Time  `json:"inicio"`
	Fin        *time.Time `json:"fin,omitzero"`
	Desde      time.Time  `json:"desde"` // when Inicio was last said
	Vinculos   []Vinculo  `json:"vinculos,omitzero"`
	Enviados   []Timer    `json:"enviados,omitzero"` // reminders
}

// Vinculo is an Efectivo bound to a Tarea.
type Vinculo struct {
	Efectivo ident.Efectivo `json:"efectivo"`
	Desde    time.Time      `json:"desde"`
	Vence    *time.Time     `json:"vence,omitzero"` // of an offer that waits for an answer
}

// Aplica folds a fact.
func (t *Tarea) Aplica(e tarea.Event) {
	switch e := e.(type) {
	case tarea.Creada:
		*t = Tarea{Abierta: true, Programada: true, Inicio: e.InicioProgramado, Fin: e.FinProgramado, Desde: e.En}
	case tarea.Modificada:
		if e.InicioProgramado != nil {
			t.Inicio, t.Desde = *e.InicioProgramado, e.En
		}
		if e.FinProgramado != nil {
			t.Fin = e.FinProgramado
		}
	case tarea.EfectivoOfrecido:
		t.vincula(Vinculo{e.Efectivo, e.En, &e.Vence})
	case tarea.EfectivoAsignado:
		t.vincula(Vinculo{e.Efectivo, e.En, nil})
	case tarea.AsignacionAceptada:
		t.responde(e.Efectivo)
	case tarea.EfectivoEnCamino:
		t.responde(e.Efectivo)
	case tarea.EfectivoEnLugar:
		t.responde(e.Efectivo)
	case tarea.AsignacionRechazada:
		t.suelta(e.Efectivo)
	case tarea.EfectivoLiberado:
		t.suelta(e.Efectivo)
	case tarea.Iniciada:
		t.Programada = false
	case tarea.Finalizada, tarea.Cancelada:
		t.Abierta = false
	case tarea.Reabierta:
		t.Abierta = true
	case tarea.RecordatorioEnviado:
		t.Enviados = append(t.Enviados, Timer{Clase: Clase(e.Clase), Efectivo: e.Efectivo, Vence: e.Vence})
	case tarea.PrioridadCambiada, tarea.Delegada, tarea.Pausada, tarea.Reanudada, tarea.ListaDefinida, tarea.PuntoDeListaCumplido,
		tarea.RecomendacionEmitida, tarea.RecordatorioAcusado, tarea.Escalada, tarea.NotaAgregada, tarea.AdjuntoAgregado:
	}
}

func (t *Tarea) vincula(v Vinculo) {
	t.suelta(v.Efectivo)
	t.Vinculos = append(t.Vinculos, v)
}

func (t *Tarea) suelta(id ident.Efectivo) {
	t.Vinculos = slices.DeleteFunc(t.Vinculos, func(v Vinculo) bool { return v.Efectivo == id })
}

func (t *Tarea) responde(id ident.Efectivo) {
	for i := range t.Vinculos {
		if t.Vinculos[i].Efectivo == id {
			t.Vinculos[i].Vence = nil
		}
	}
}

// Timers lists what is due for the Tarea id unless a fact comes first.
func (t *Tarea) Timers(id ident.Tarea) (timers []Timer) {
	if !t.Abierta {
		return nil
	}
	for _, v := range t.Vinculos {
		if v.Vence != nil {
			timers = append(timers, Timer{Clase: Oferta, Tarea: id, Efectivo: v.Efectivo, Vence: *v.Vence})
			continue
		}
		for _, r := range recordatorios {
			vence := t.Inicio.Add(-r.antes)
			// Nobody is told that it begins in 40 minutes when it was planned, or given
			// to him, later than that.
			if t.Programada && vence.After(t.Desde) && vence.After(v.Desde) {
				timers = append(timers, Timer{Clase: r.clase, Tarea: id, Efectivo: v.Efectivo, Vence: vence})
			}
		}
	}
	if t.Fin != nil {
		timers = append(timers, Timer{Clase: Vencida, Tarea: id, Vence: *t.Fin})
	}
	return slices.DeleteFunc(timers, func(d Timer) bool {
		return slices.ContainsFunc(t.Enviados, func(s Timer) bool {
			return s.Clase == d.Clase && s.Efectivo == d.Efectivo && s.Vence.Equal(d.Vence)
		})
	})
}

// Efectivo is what is remembered of an Efectivo.
type Efectivo struct {
	Aceleracion float64    `json:"aceleracion"`
	Licencias   []Licencia `json:"licencias,omitzero"` // granted and not over
	Pedido      *Pedido    `json:"pedido,omitzero"`    // a call for help that waits
}

// Licencia is a granted leave.
type Licencia struct {
	ID      ident.Licencia `json:"id"`
	Desde   time.Time      `json:"desde"`
	Hasta   time.Time      `json:"hasta"`
	Vigente bool           `json:"vigente"`
}

// Pedido is a call for help: its alert, and since when it waits.
type Pedido struct {
	Alerta string    `json:"alerta"`
	En     time.Time `json:"en"`
}

// Aplica folds a fact; alerta names the alert it would be.
func (p *Efectivo) Aplica(e efectivo.Event, alerta string) {
	switch e := e.(type) {
	case efectivo.Registrado:
		*p = Efectivo{Aceleracion: max(1, e.Aceleracion)}
	case efectivo.LicenciaAprobada:
		p.Licencias = append(p.Licencias, Licencia{ID: e.Licencia, Desde: e.Desde, Hasta: e.Hasta})
	case efectivo.DisponibilidadCambiada:
		for i := range p.Licencias {
			if p.Licencias[i].ID == e.Licencia {
				p.Licencias[i].Vigente = true
			}
		}
		if e.Causa == efectivo.PorFinLicencia {
			p.Licencias = slices.DeleteFunc(p.Licencias, func(l Licencia) bool { return l.ID == e.Licencia })
		}
	case efectivo.SOSActivado:
		p.Pedido = &Pedido{alerta, e.En}
	case efectivo.SOSAtendido:
		p.Pedido = nil
	case efectivo.DadoDeBaja:
		p.Licencias = nil
	case efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.TurnoFinalizado, efectivo.UbicacionConfirmada,
		efectivo.SenalPerdida, efectivo.SenalRecuperada, efectivo.ZonaIngresada, efectivo.ZonaAbandonada,
		efectivo.LicenciaSolicitada, efectivo.LicenciaRechazada:
	}
}

// Timers lists what is due for the Efectivo id unless a fact comes first. What a
// simulated one waits for comes Aceleracion times sooner.
func (p *Efectivo) Timers(id ident.Efectivo) (timers []Timer) {
	for _, l := range p.Licencias {
		t := Timer{Clase: LicenciaComienza, Efectivo: id, Licencia: l.ID, Vence: l.Desde}
		if l.Vigente {
			t.Clase, t.Vence = LicenciaTermina, l.Hasta
		}
		timers = append(timers, t)
	}
	if p.Pedido != nil {
		for i, wait := range plazosSOS {
			vence := p.Pedido.En.Add(time.Duration(float64(wait) / max(1, p.Aceleracion))).Truncate(time.Microsecond)
			timers = append(timers, Timer{Clase: SOS, Efectivo: id, Alerta: p.Pedido.Alerta, Nivel: i + 1, Vence: vence})
		}
	}
	return timers
}
