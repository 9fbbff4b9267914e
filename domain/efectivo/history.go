package efectivo

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every Efectivo event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Registrado](1),
		event.Current[FichaModificada](1),
		event.Current[TurnoIniciado](1),
		event.Current[TurnoFinalizado](1),
		event.Current[DisponibilidadCambiada](1),
		event.Current[UbicacionConfirmada](1),
		event.Current[SenalPerdida](1),
		event.Current[SenalRecuperada](1),
		event.Current[ZonaIngresada](1),
		event.Current[ZonaAbandonada](1),
		event.Current[SOSActivado](1),
		event.Current[SOSAtendido](1),
		event.Current[LicenciaSolicitada](1),
		event.Current[LicenciaAprobada](1),
		event.Current[LicenciaRechazada](1),
		event.Current[DadoDeBaja](1),
	}
}
