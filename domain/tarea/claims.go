package tarea

import (
	"github.com/grupo-gad/gad/domain/claim"
)

// The spaces in which a Tarea claims something.
const (
	espacioCodigo  = "tarea.codigo"
	espacioHorario = "tarea.delegado_horario"
)

// Claims says what e takes and gives back. The codigo is taken for ever; the
// hours of a named delegado until the Tarea ends.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Creada:
		changes := []claim.Change{{Space: espacioCodigo, Key: e.Codigo, Refusal: ErrCodigoTomado}}
		if e.DelegadoNombrado && e.FinProgramado != nil && e.SolapePermitidoPor == "" {
			changes = append(changes, claim.Change{
				Space: espacioHorario, Key: string(e.Delegado),
				From: e.InicioProgramado, To: *e.FinProgramado, Refusal: ErrSolape,
			})
		}
		return changes
	case Modificada:
		if e.Horario == nil {
			return nil
		}
		changes := []claim.Change{{Op: claim.Release, Space: espacioHorario}}
		if e.SolapePermitidoPor == "" {
			changes = append(changes, claim.Change{
				Space: espacioHorario, Key: string(e.Delegado),
				From: e.Horario.Desde, To: e.Horario.Hasta, Refusal: ErrSolape,
			})
		}
		return changes
	case Finalizada, Cancelada:
		return []claim.Change{{Op: claim.Release, Space: espacioHorario}}
	case PrioridadCambiada, EfectivoAsignado, AsignacionAceptada, AsignacionRechazada,
		EfectivoEnCamino, EfectivoEnLugar, EfectivoLiberado, Iniciada, Pausada, Reanudada:
	}
	return nil
}
