package tarea_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	conFin, solapada, sinNombrar := creada, creada, creada
	conFin.FinProgramado = &diez
	solapada.FinProgramado, solapada.SolapePermitidoPor = &diez, jefa
	sinNombrar.FinProgramado, sinNombrar.DelegadoNombrado = &diez, false

	var (
		codigo  = claim.Change{Space: "tarea.codigo", Key: "T-1", Refusal: en("codigo", tarea.ErrCodigoTomado)}
		horas   = claim.Change{Space: "tarea.delegado_horario", Key: string(deleg), From: ocho, To: diez, Refusal: en("delegado", tarea.ErrSolape)}
		suelta  = claim.Change{Op: claim.Release, Space: "tarea.delegado_horario"}
		movidas = claim.Change{Space: "tarea.delegado_horario", Key: string(deleg), From: nueve, To: once, Refusal: en("delegado", tarea.ErrSolape)}
	)
	horario := &tarea.Horario{Desde: nueve, Hasta: once}
	for name, c := range map[string]struct {
		e    tarea.Event
		want []claim.Change
	}{
		"codigo alone: no end planned":      {creada, []claim.Change{codigo}},
		"codigo and hours":                  {conFin, []claim.Change{codigo, horas}},
		"overlap allowed: no hours":         {solapada, []claim.Change{codigo}},
		"delegado not named: no hours":      {sinNombrar, []claim.Change{codigo}},
		"modified, hours stay":              {tarea.Modificada{En: ocho}, nil},
		"modified, hours move":              {tarea.Modificada{Delegado: deleg, Horario: horario, En: ocho}, []claim.Change{suelta, movidas}},
		"modified, hours move over another": {tarea.Modificada{Delegado: deleg, Horario: horario, SolapePermitidoPor: jefa}, []claim.Change{suelta}},
		"modified, its end taken away":      {tarea.Modificada{SinFin: true, En: ocho}, []claim.Change{suelta}},
		"finished":                          {finalizada, []claim.Change{suelta}},
		"cancelled":                         {cancelada, []claim.Change{suelta}},
		"started":                           {iniciada, nil},
		"assigned":                          {asignada, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, tarea.Claims(c.e), cmp.AllowUnexported(fault.Error{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	var s tarea.State
	if s.Existe() || s.Estado() != "" || s.Activos() != nil {
		t.Errorf("the state before the first fact says %v, %q, %v", s.Existe(), s.Estado(), s.Activos())
	}
	s = tarea.Decider.Fold(s, creada, asignada, tarea.EfectivoAsignado{Efectivo: otro, En: ocho}, aceptada)
	if got := s.Activos(); len(got) != 2 || got[0] != movil || got[1] != otro {
		t.Errorf("Activos() = %v", got)
	}
	for paso, want := range map[tarea.Event]tarea.Estado{
		iniciada: tarea.EstadoEnCurso, pausada: tarea.EstadoPausada, reanudada: tarea.EstadoEnCurso,
		finalizada: tarea.EstadoFinalizada, cancelada: tarea.EstadoCancelada, enLugar: tarea.EstadoProgramada,
	} {
		if got := tarea.Evolve(s, paso).Estado(); got != want {
			t.Errorf("after %s: %s, want %s", paso.EventName(), got, want)
		}
	}
	// States are shared between goroutines: a fold leaves the one it began with alone.
	before := s.Activos()
	tarea.Decider.Fold(s, rechazada, tarea.EfectivoLiberado{Efectivo: otro})
	if diff := cmp.Diff(before, s.Activos()); diff != "" {
		t.Errorf("folding on changed the older state: %s", diff)
	}
}

func TestAlcanza(t *testing.T) {
	t.Parallel()
	s := tarea.Decider.Fold(tarea.State{}, creada, asignada)
	for _, c := range []struct {
		por     permiso.Autor
		alcance permiso.Alcance
		want    bool
	}{
		{extrano, permiso.Todo, true},
		{extrano, permiso.Asignado, false},
		{extrano, permiso.Propio, false},
		{asignado, permiso.Asignado, true},
		{asignado, permiso.Propio, false},
		{delegado, permiso.Propio, true},
		{delegado, permiso.Asignado, true},
		{supervisora, permiso.Propio, true}, // she created it
		{supervisora, permiso.Nada, false},
		{permiso.Autor{}, permiso.Propio, false}, // nobody owns nothing
	} {
		if got := s.Alcanza(c.por, c.alcance); got != c.want {
			t.Errorf("Alcanza(%+v, %v) = %v", c.por, c.alcance, got)
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	o := orden(supervisora, ocho)
	for _, c := range []struct {
		cmd   tarea.Command
		want  permiso.Accion
		texts int
	}{
		{tarea.Crear{Orden: o}, permiso.TareaCrear, 2},
		{tarea.Modificar{Orden: o}, permiso.TareaModificar, 0},
		{tarea.Asignar{Orden: o}, permiso.TareaAsignar, 0},
		{tarea.Responder{Orden: o}, permiso.TareaResponder, 0},
		{tarea.Liberar{Orden: o}, permiso.TareaAsignar, 0},
		{tarea.Iniciar{Orden: o}, permiso.TareaEjecutar, 0},
		{tarea.Pausar{Orden: o, Motivo: motivo}, permiso.TareaEjecutar, 1},
		{tarea.Reanudar{Orden: o}, permiso.TareaEjecutar, 0},
		{tarea.Finalizar{Orden: o}, permiso.TareaEjecutar, 1},
		{tarea.Cancelar{Orden: o, Motivo: motivo}, permiso.TareaCancelar, 1},
		{tarea.Reabrir{Orden: o, Motivo: motivo}, permiso.TareaReabrir, 1},
		{tarea.AgregarNota{Orden: o, Texto: motivo}, permiso.TareaAnotar, 1},
		{tarea.AgregarAdjunto{Orden: o, Nombre: motivo}, permiso.TareaAnotar, 1},
		{tarea.CumplirPunto{Orden: o}, permiso.TareaEjecutar, 0},
		{tarea.EmitirRecomendacion{Orden: o}, permiso.EmergenciaCrear, 0},
		{tarea.Ofrecer{Orden: o}, permiso.EmergenciaCrear, 0},
		{tarea.OfrecerA{Orden: o}, permiso.TareaEscalar, 0},
		{tarea.Escalar{Orden: o}, permiso.TareaEscalar, 0},
		{tarea.Recordar{Orden: o}, permiso.TareaRecordar, 0},
		{tarea.AcusarRecordatorio{Orden: o}, permiso.TareaResponder, 0},
	} {
		if got := c.cmd.Autoriza(); got != c.want {
			t.Errorf("%T.Autoriza() = %s, want %s", c.cmd, got, c.want)
		}
		if c.cmd.StreamID() != "tarea-"+string(id) || c.cmd.Autor() != supervisora {
			t.Errorf("%T is for %s by %v", c.cmd, c.cmd.StreamID(), c.cmd.Autor())
		}
		if got := c.cmd.Texts(); len(got) != c.texts {
			t.Errorf("%T.Texts() = %v, want %d", c.cmd, got, c.texts)
		}
	}
}

func TestVocabulario(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]tarea.Tipo{
		"patrullaje": tarea.Patrullaje, "investigacion": tarea.Investigacion, "vigilancia": tarea.Vigilancia,
		"intervencion": tarea.Intervencion, "inspeccion": tarea.Inspeccion, "administrativa": tarea.Administrativa,
		"entrenamiento": tarea.Entrenamiento, "emergencia": tarea.Emergencia,
		"operativa": tarea.Intervencion, "OPERATIVO": tarea.Intervencion, "Administrativo": tarea.Administrativa,
		"PATRULLAJE": tarea.Patrullaje,
	} {
		if got, err := tarea.ParseTipo(in); got != want || err != nil {
			t.Errorf("ParseTipo(%q) = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]tarea.Prioridad{
		"baja": 1, "media": 2, "alta": 3, "urgente": 4, "critica": 5, "Low": 1, "MEDIUM": 2, "HIGH": 3, "URGENT": 4, "CRITICAL": 5,
		"1": 1, "2": 2, "3": 3, "4": 4, "5": 5,
	} {
		if got, err := tarea.ParsePrioridad(in); got != want || err != nil {
			t.Errorf("ParsePrioridad(%q) = %d, %v", in, got, err)
		}
	}
	for in, want := range map[string]tarea.Estado{
		"programada": tarea.EstadoProgramada, "pendiente": tarea.EstadoProgramada, "PENDING": tarea.EstadoProgramada,
		"en_curso": tarea.EstadoEnCurso, "activa": tarea.EstadoEnCurso, "IN_PROGRESS": tarea.EstadoEnCurso, "pausada": tarea.EstadoPausada,
		"finalizada": tarea.EstadoFinalizada, "completada": tarea.EstadoFinalizada, "completed": tarea.EstadoFinalizada,
		"cancelada": tarea.EstadoCancelada,
	} {
		if got, err := tarea.ParseEstado(in); got != want || err != nil {
			t.Errorf("ParseEstado(%q) = %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", " ", "6", "0", "patrullaje ", "críticа"} {
		if _, err := tarea.ParseTipo(bad); campos(err) != "tipo" {
			t.Errorf("ParseTipo(%q): %v", bad, err)
		}
		if _, err := tarea.ParsePrioridad(bad); campos(err) != "prioridad" {
			t.Errorf("ParsePrioridad(%q): %v", bad, err)
		}
		if _, err := tarea.ParseEstado(bad); campos(err) != "estado" {
			t.Errorf("ParseEstado(%q): %v", bad, err)
		}
	}
	for p, want := range map[tarea.Prioridad]string{0: "", 1: "baja", 2: "media", 3: "alta", 4: "urgente", 5: "critica", 6: ""} {
		if got := p.Nombre(); got != want {
			t.Errorf("Prioridad(%d).Nombre() = %q", p, got)
		}
	}
	for e, want := range map[tarea.Estado]bool{
		tarea.EstadoProgramada: true, tarea.EstadoEnCurso: true, tarea.EstadoPausada: true,
		tarea.EstadoFinalizada: false, tarea.EstadoCancelada: false, "": false,
	} {
		if e.Abierta() != want {
			t.Errorf("%q.Abierta() = %v", e, !want)
		}
	}
	if (sealed.Commitment{}) != (tarea.Crear{}).Titulo.Commitment() {
		t.Error("an empty text has a commitment")
	}
}

// en is a refusal that points at an input.
func en(campo string, e *fault.Error) *fault.Error {
	return e.With(fault.Field{Name: campo, Message: e.Message})
}
