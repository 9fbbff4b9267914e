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
	ErrDeBaja         = fault.New(fault.Conflict, "usuario_de_baja", "el usuario está dado de baja")
	ErrBloqueado      = fault.New(fault.Forbidden, "usuario_bloqueado", "el usuario está bloqueado; hable con un administrador")
	ErrPropio         = fault.New(fault.Conflict, "usuario_propio", "nadie se cambia el rol, se bloquea ni se da de baja a sí mismo")
	ErrReservado      = fault.New(fault.Forbidden, "usuario_dato_reservado", "el correo y el dni los cambia un administrador")
	ErrSinMotivo      = fault.New(fault.Invalid, "usuario_sin_motivo", "falta el motivo")
	// ErrSinJurisdiccion: Zonas and unidades cut nobody else's reach.
	ErrSinJurisdiccion = fault.New(fault.Conflict, "usuario_sin_jurisdiccion", "la jurisdicción es de los supervisores; los demás roles no la tienen")
	// ErrAprobacion: rol 3 is granted by four eyes, or on the server.
	ErrAprobacion = fault.New(fault.Forbidden, "aprobacion_requerida", "el rol de administrador se otorga con la aprobación de otro administrador")
)
