package tarea

import (
	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
)

// The spaces in which a Tarea claims something.
const (
	espacioCodigo  = "tarea.codigo"
	espacioHorario = "tarea.delegado_horario"
)

// What was asked for is somebody else's: the refusals point at it.
var (
	errCodigoTomado = ErrCodigoTomado.With(fault.Field{Name: "codigo", Message: ErrCodigoTomado.Message})
	errSolape       = ErrSolape.With(fault.Field{Name: "delegado", Message: ErrSolape.Message})
)

// Claims says what e takes and gives back. The codigo is taken for ever; the
// hours of a named delegado until the Tarea ends.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Creada:
		changes := []claim.Change{{Space: espacioCodigo, Key: e.Codigo, Refusal: errCodigoTomado}}
		if e.DelegadoNombrado && e.FinProgramado != nil && e.SolapePermitidoPor == "" {
			changes = append(changes, claim.Change{
				Space: espacioHorario, Key: string(e.Delegado),
				From: e.InicioProgramado, To: *e.FinProgramado, Refusal: errSolape,
			})
		}
		return changes
	case Modificada:
		if e.Horario == nil && !e.SinFin {
			return nil
		}
		return reclama(e.Delegado, e.Horario, e.SolapePermitidoPor)
	case Delegada:
		return reclama(e.Delegado, e.Horario, e.SolapePermitidoPor)
	case Reabierta:
		return reclama(e.Delegado, e.Horario, e.SolapePermitidoPor)
	case Finalizada, Cancelada:
		return []claim.Change{{Op: claim.Release, Space: espacioHorario}}
	case PrioridadCambiada, EfectivoAsignado, AsignacionAceptada, AsignacionRechazada,
		EfectivoEnCamino, EfectivoEnLugar, EfectivoLiberado, Iniciada, Pausada, Reanudada,
		NotaAgregada, AdjuntoAgregado, ListaDefinida, PuntoDeListaCumplido, RecomendacionEmitida,
		EfectivoOfrecido, Escalada, RecordatorioEnviado, RecordatorioAcusado:
	}
	return nil
}

// reclama gives back whatever hours the Tarea holds and takes those stated, unless
// there are none or somebody allowed them to overlap.
func reclama(delegado ident.Usuario, h *Horario, permitido ident.Usuario) []claim.Change {
	changes := []claim.Change{{Op: claim.Release, Space: espacioHorario}}
	if h != nil && permitido == "" {
		changes = append(changes, claim.Change{
			Space: espacioHorario, Key: string(delegado), From: h.Desde, To: h.Hasta, Refusal: errSolape,
		})
	}
	return changes
}
