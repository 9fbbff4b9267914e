package efectivo

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of an Efectivo.
var (
	ErrNoExiste       = fault.New(fault.NotFound, "efectivo_no_existe", "el efectivo no existe")
	ErrYaExiste       = fault.New(fault.Conflict, "efectivo_ya_existe", "ya existe un efectivo con ese identificador")
	ErrCodigoTomado   = fault.New(fault.Conflict, "efectivo_codigo_tomado", "ya hay un efectivo con ese código interno")
	ErrUsuarioTomado  = fault.New(fault.Conflict, "efectivo_usuario_tomado", "ese usuario ya es un efectivo")
	ErrDatos          = fault.New(fault.Invalid, "efectivo_datos_invalidos", "hay datos del efectivo que no son válidos")
	ErrDisponibilidad = fault.New(fault.Invalid, "disponibilidad_invalida", "la disponibilidad no es válida")
	ErrFueraDeTurno   = fault.New(fault.Conflict, "efectivo_fuera_de_turno", "el efectivo no está de turno")
	ErrOcupado        = fault.New(fault.Conflict, "efectivo_ocupado", "el efectivo ya está en otra tarea")
	ErrNoDisponible   = fault.New(fault.Conflict, "efectivo_no_disponible", "el efectivo no está disponible")
	ErrConTarea       = fault.New(fault.Conflict, "efectivo_con_tarea_activa", "el efectivo tiene una tarea activa: hay que terminarla, o forzar el fin de turno")
	ErrSimulado       = fault.New(fault.Invalid, "efectivo_simulado_invalido", "la aceleración solo vale para efectivos simulados y va de 1 a 10000")
	ErrDeBaja         = fault.New(fault.Conflict, "efectivo_de_baja", "el efectivo está dado de baja")
	ErrSinAcceso      = fault.New(fault.Conflict, "efectivo_sin_acceso", "el usuario de ese efectivo está bloqueado o dado de baja: no vería la tarea")
	ErrEnTurno        = fault.New(fault.Conflict, "efectivo_en_turno", "el efectivo está de turno: hay que terminarlo primero")
	ErrConSOS         = fault.New(fault.Conflict, "efectivo_con_sos", "el efectivo tiene un SOS sin atender")
	ErrEnLicencia     = fault.New(fault.Conflict, "efectivo_en_licencia", "el efectivo está de licencia")

	ErrLicenciaNoExiste = fault.New(fault.NotFound, "licencia_no_existe", "la licencia no existe")
	ErrLicenciaDatos    = fault.New(fault.Invalid, "licencia_datos_invalidos", "hay datos de la licencia que no son válidos")
	ErrLicenciaSolapada = fault.New(fault.Conflict, "licencia_solapada", "el efectivo ya tiene o pidió una licencia en esas fechas")
	ErrLicenciaResuelta = fault.New(fault.Conflict, "licencia_resuelta", "la licencia ya se resolvió de otra manera")
	ErrLicenciaVencida  = fault.New(fault.Conflict, "licencia_vencida", "la licencia terminó antes de aprobarse")
)
