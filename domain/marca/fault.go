package marca

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of a Marca.
var (
	ErrNoExiste = fault.New(fault.NotFound, "marca_no_existe", "la marca no existe")
	ErrYaExiste = fault.New(fault.Conflict, "marca_ya_existe", "ya existe una marca con ese identificador")
	ErrDatos    = fault.New(fault.Invalid, "marca_datos_invalidos", "hay datos de la marca que no son válidos")
)
