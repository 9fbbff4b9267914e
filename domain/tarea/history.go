package tarea

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every Tarea event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Creada](1),
		event.Current[Modificada](1),
		event.Current[PrioridadCambiada](1),
		event.Current[EfectivoAsignado](1),
		event.Current[AsignacionAceptada](1),
		event.Current[AsignacionRechazada](1),
		event.Current[EfectivoEnCamino](1),
		event.Current[EfectivoEnLugar](1),
		event.Current[EfectivoLiberado](1),
		event.Current[Iniciada](1),
		event.Current[Pausada](1),
		event.Current[Reanudada](1),
		event.Current[Finalizada](1),
		event.Current[Cancelada](1),
		event.Current[Reabierta](1),
		event.Current[Delegada](1),
		event.Current[NotaAgregada](1),
		event.Current[AdjuntoAgregado](1),
		event.Current[ListaDefinida](1),
		event.Current[PuntoDeListaCumplido](1),
		event.Current[RecomendacionEmitida](1),
		event.Current[EfectivoOfrecido](1),
		event.Current[Escalada](1),
		event.Current[RecordatorioEnviado](1),
		event.Current[RecordatorioAcusado](1),
	}
}
