package sessions

import "github.com/grupo-gad/gad/domain/fault"

// The refusals. A client is told no more than that it has to log in again.
var (
	ErrUnknown = fault.New(fault.Unauthorized, "sesion_invalida", "la sesión no es válida; vuelva a ingresar")
	ErrExpired = fault.New(fault.Unauthorized, "sesion_vencida", "la sesión venció; vuelva a ingresar")
	ErrRevoked = fault.New(fault.Unauthorized, "sesion_cerrada", "la sesión fue cerrada; vuelva a ingresar")
	// ErrReused: the token had been used; its family is revoked now.
	ErrReused = fault.New(fault.Unauthorized, "sesion_reutilizada", "la sesión fue cerrada por seguridad; vuelva a ingresar")
)
