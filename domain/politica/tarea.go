package politica

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

// Tarea is what is remembered of a Tarea. Its fields are exported because it is
// kept between windows of the log.
type Tarea struct {
	Abierta    bool       `json:"abierta"`
	Programada bool       `json:"programada"` // not begun
	Inicio     time.Time  `json:"inicio"`
	Fin        *time.Time `json:"fin,omitzero"`
	// Reabierta is when it was last taken up again with the end it has.
	Reabierta time.Time `json:"reabierta,omitzero"`
	Desde     time.Time `json:"desde"` // when Inicio was last said
	Vinculos  []Vinculo `json:"vinculos,omitzero"`
	Suelta    time.Time `json:"suelta,omitzero"` // when the last one who was bound left
	// Nadie is the escalation by which nobody was left, until somebody is bound again.
	Nadie *Nadie `json:"nadie,omitzero"`
}

// Nadie says since when an emergency has nobody.
type Nadie struct {
	Nivel int       `json:"nivel"`
	En    time.Time `json:"en"`
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
			t.Fin, t.Reabierta = e.FinProgramado, time.Time{}
		}
		if e.SinFin {
			t.Fin = nil
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
		t.suelta(e.Efectivo, e.En)
	case tarea.EfectivoLiberado:
		t.suelta(e.Efectivo, e.En)
	case tarea.Escalada:
		// Old logs say so of a Tarea that somebody had all the while.
		if e.SinEfectivos() && len(t.Vinculos) == 0 {
			t.Nadie = &Nadie{e.Nivel, e.En}
		}
	case tarea.Iniciada:
		t.Programada = false
	case tarea.Finalizada, tarea.Cancelada:
		t.Abierta = false
	case tarea.Reabierta:
		t.Abierta, t.Reabierta = true, e.En
	case tarea.PrioridadCambiada, tarea.Delegada, tarea.Pausada, tarea.Reanudada, tarea.ListaDefinida, tarea.PuntoDeListaCumplido,
		tarea.RecomendacionEmitida, tarea.RecordatorioEnviado, tarea.RecordatorioAcusado, tarea.NotaAgregada, tarea.AdjuntoAgregado:
	}
}

func (t *Tarea) vincula(v Vinculo) {
	t.Nadie = nil
	t.quita(v.Efectivo)
	t.Vinculos = append(t.Vinculos, v)
}

func (t *Tarea) suelta(id ident.Efectivo, en time.Time) {
	if n := len(t.Vinculos); t.quita(id) < n && len(t.Vinculos) == 0 {
		t.Suelta = en
	}
}

// quita drops the Vinculo of somebody and says how many are left.
func (t *Tarea) quita(id ident.Efectivo) int {
	t.Vinculos = slices.DeleteFunc(t.Vinculos, func(v Vinculo) bool { return v.Efectivo == id })
	return len(t.Vinculos)
}

func (t *Tarea) responde(id ident.Efectivo) {
	for i := range t.Vinculos {
		if t.Vinculos[i].Efectivo == id {
			t.Vinculos[i].Vence = nil
		}
	}
}

// Esperas lists what is waited for of the Tarea id.
func (t *Tarea) Esperas(id ident.Tarea) (list []Espera) {
	if !t.Abierta {
		return nil
	}
	for _, v := range t.Vinculos {
		if v.Vence != nil {
			list = append(list, Espera{Clase: Oferta, Tarea: id, Efectivo: v.Efectivo, Base: *v.Vence})
			continue
		}
		if !t.Programada {
			continue
		}
		list = append(list, t.recordatorios(id, v.Efectivo, v.Desde)...)
	}
	if t.Programada && len(t.Vinculos) == 0 {
		list = append(list, t.recordatorios(id, "", t.Suelta)...) // nobody has it: whoever is in charge
	}
	if t.Nadie != nil {
		list = append(list, Espera{Clase: Desatendida, Tarea: id, Nivel: t.Nadie.Nivel, Base: t.Nadie.En})
	}
	if t.Fin != nil {
		// Taken up again after its end it is late once more, whatever was told before.
		base := *t.Fin
		if t.Reabierta.After(base) {
			base = t.Reabierta
		}
		list = append(list, Espera{Clase: Vencida, Tarea: id, Base: base})
	}
	return list
}

// recordatorios are the reminders of who has had the Tarea id since some instant.
func (t *Tarea) recordatorios(id ident.Tarea, de ident.Efectivo, desde time.Time) (list []Espera) {
	if t.Desde.After(desde) {
		desde = t.Desde
	}
	for n := range MaxRecordatorios {
		list = append(list, Espera{Clase: Recordatorio, Tarea: id, Efectivo: de, Nivel: n + 1, Base: t.Inicio, Desde: desde})
	}
	return list
}
