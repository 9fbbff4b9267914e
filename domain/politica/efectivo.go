package politica

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
)

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

// Esperas lists what is waited for of the Efectivo id.
func (p *Efectivo) Esperas(id ident.Efectivo) (list []Espera) {
	for _, l := range p.Licencias {
		e := Espera{Clase: LicenciaComienza, Efectivo: id, Licencia: l.ID, Base: l.Desde}
		if l.Vigente {
			e.Clase, e.Base = LicenciaTermina, l.Hasta
		}
		list = append(list, e)
	}
	if p.Pedido != nil {
		for n := range MaxSOS {
			list = append(list, Espera{Clase: SOS, Efectivo: id, Alerta: p.Pedido.Alerta, Nivel: n + 1, Base: p.Pedido.En})
		}
	}
	return list
}
