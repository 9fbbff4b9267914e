package aprobacion

import "github.com/grupo-gad/gad/domain/fault"

// The refusals.
var (
	ErrNoExiste    = fault.New(fault.NotFound, "aprobacion_no_existe", "no existe esa aprobación")
	ErrYaExiste    = fault.New(fault.Conflict, "aprobacion_ya_existe", "ya existe esa aprobación")
	ErrDatos       = fault.New(fault.Invalid, "aprobacion_datos_invalidos", "hay datos del pedido que no son válidos")
	ErrPropia      = fault.New(fault.Forbidden, "aprobacion_propia", "lo que usted pide lo tiene que aprobar otra persona")
	ErrResuelta    = fault.New(fault.Conflict, "aprobacion_resuelta", "ese pedido ya se resolvió")
	ErrVencida     = fault.New(fault.Conflict, "aprobacion_vencida", "ese pedido venció: hay que pedirlo de nuevo")
	ErrSinAprobar  = fault.New(fault.Conflict, "aprobacion_pendiente", "ese pedido no está aprobado")
	ErrYaEjecutada = fault.New(fault.Conflict, "aprobacion_ejecutada", "lo aprobado ya se hizo, y se hace una sola vez")
	ErrOtroPedido  = fault.New(fault.Conflict, "aprobacion_de_otra_cosa", "esa aprobación es para otra cosa")
)
