package usuario

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of a Usuario.
var (
	ErrNoExiste       = fault.New(fault.NotFound, "usuario_no_existe", "el usuario no existe")
	ErrYaExiste       = fault.New(fault.Conflict, "usuario_ya_existe", "ya existe un usuario con ese identificador")
	ErrEmailTomado    = fault.New(fault.Conflict, "usuario_email_tomado", "ya hay un usuario con ese correo")
	ErrDNITomado      = fault.New(fault.Conflict, "usuario_dni_tomado", "ya hay un usuario con ese dni")
	ErrTelegramTomado = fault.New(fault.Conflict, "usuario_telegram_tomado", "esa cuenta de Telegram ya está vinculada a otro usuario")
	ErrDatos          = fault.New(fault.Invalid, "usuario_datos_invalidos", "hay datos del usuario que no son válidos")
)
