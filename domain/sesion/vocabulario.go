package sesion

// Medio is how somebody comes in.
type Medio string

// The ways in.
const (
	PorContrasena Medio = "contrasena"
	PorTelegram   Medio = "telegram"
)

// Segundo is the second factor that was shown.
type Segundo string

// The second factors.
const (
	SinSegundo   Segundo = ""
	TOTP         Segundo = "totp"
	Recuperacion Segundo = "recuperacion" // a recovery code, used up
)

// Motivo says why an attempt failed or a session ended.
type Motivo string

// Why an attempt failed.
const (
	CredencialMala Motivo = "credencial"
	SegundoMalo    Motivo = "segundo_factor"
	Bloqueado      Motivo = "bloqueado"
)

// Why a session ended.
const (
	Salida          Motivo = "salida"
	CerradaDesde    Motivo = "cerrada_desde_otra" // by its owner, from another session
	CambioDeClave   Motivo = "cambio_de_credencial"
	BloqueoUsuario  Motivo = "bloqueo"
	BajaUsuario     Motivo = "baja"
	NuevaActivacion Motivo = "activacion"
)
