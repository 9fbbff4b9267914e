package sesion

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of a session.
var (
	ErrNoExiste = fault.New(fault.NotFound, "sesion_no_existe", "la sesión no existe")
	ErrYaExiste = fault.New(fault.Conflict, "sesion_ya_existe", "ya existe una sesión con ese identificador")
)
