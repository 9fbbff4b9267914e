package tarea

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of a Tarea.
var (
	ErrNoExiste         = fault.New(fault.NotFound, "tarea_no_existe", "la tarea no existe")
	ErrYaExiste         = fault.New(fault.Conflict, "tarea_ya_existe", "ya existe una tarea con ese identificador")
	ErrCodigoTomado     = fault.New(fault.Conflict, "tarea_codigo_tomado", "ya hay una tarea con ese código")
	ErrSolape           = fault.New(fault.Conflict, "tarea_solapada", "el delegado ya tiene una tarea en ese horario")
	ErrFinalizada       = fault.New(fault.Conflict, "tarea_finalizada", "la tarea ya está finalizada")
	ErrCancelada        = fault.New(fault.Conflict, "tarea_cancelada", "la tarea está cancelada")
	ErrNoIniciada       = fault.New(fault.Conflict, "tarea_no_iniciada", "la tarea todavía no empezó")
	ErrNoPausada        = fault.New(fault.Conflict, "tarea_no_pausada", "la tarea no está pausada")
	ErrEnPausa          = fault.New(fault.Conflict, "tarea_en_pausa", "la tarea está en pausa: hay que reanudarla primero")
	ErrNoAsignado       = fault.New(fault.Conflict, "efectivo_no_asignado", "ese efectivo no está asignado a la tarea")
	ErrPasoAtras        = fault.New(fault.Conflict, "asignacion_paso_atras", "la asignación ya pasó de ese paso")
	ErrNoFinalizada     = fault.New(fault.Conflict, "tarea_no_finalizada", "solo se reabre una tarea finalizada")
	ErrSinPunto         = fault.New(fault.NotFound, "punto_no_existe", "la lista de la tarea no tiene ese punto")
	ErrSinAdjunto       = fault.New(fault.NotFound, "adjunto_no_existe", "la tarea no tiene ese adjunto")
	ErrSinOferta        = fault.New(fault.Conflict, "tarea_sin_oferta", "ese efectivo no tiene una oferta sin responder")
	ErrSinRecomendacion = fault.New(fault.Conflict, "tarea_sin_recomendacion", "la tarea no tiene una recomendación: hay que asignarla")
	ErrSinRecordatorio  = fault.New(fault.NotFound, "recordatorio_no_existe", "ese recordatorio no se envió")
	ErrDatos            = fault.New(fault.Invalid, "tarea_datos_invalidos", "hay datos de la tarea que no son válidos")
	ErrTipo             = fault.New(fault.Invalid, "tarea_tipo_invalido", "el tipo de tarea no es válido")
	ErrPrioridad        = fault.New(fault.Invalid, "tarea_prioridad_invalida", "la prioridad no es válida")
	ErrEstado           = fault.New(fault.Invalid, "tarea_estado_invalido", "el estado de tarea no es válido")
	ErrMotivo           = fault.New(fault.Invalid, "tarea_sin_motivo", "hace falta un motivo")
	ErrTiempoInverso    = fault.New(fault.Invalid, "tiempo_inverso", "el momento indicado es anterior al último hecho de la tarea")
)
