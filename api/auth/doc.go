// Package auth knows who is asking: passwords, second factors, sessions and access tokens.
//
// It promises that nobody gets in who should not:
//
//   - Access tokens are EdDSA JWTs of at most ten minutes, signed by pinned keys.
//     Verify accepts exactly the form that Issue writes and nothing that the
//     JOSE standards allow besides, and refuses within StandingFor what was
//     revoked anywhere.
//   - Passwords are kept as argon2id; checking costs the same, and answers the
//     same, whether the person exists or not. Attempts are counted in the
//     database before they are made, by account and address block, so that
//     guessing slows down however it is spread and whatever else is away; a
//     device that logged in before is counted apart, so that nobody is locked
//     out by somebody who knows his e-mail.
//   - A refresh token works once. Its twin revokes the whole session.
//   - A second factor (RFC 6238) is asked from whoever has one, its time steps
//     and recovery codes work once, and where it is required a session without
//     one can do nothing but set it up.
//
// What happens at the door is a fact (domain/usuario, domain/sesion). The package
// speaks no HTTP and keeps nothing itself: credentials and sessions lie behind
// the interfaces it declares. It is the only home of jwx; replacing that library
// changes nothing outside. All types are safe for concurrent use.
package auth

import (
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Identity is who is asking, as a verified token says.
type Identity struct {
	permiso.Autor
	Session string    // the session (family of refresh tokens) it belongs to
	Version int64     // permission version: of the Usuario when the token was issued
	Limited bool      // good for nothing but setting a second factor up
	Exp     time.Time // when the token ends
}

// The refusals. They say as little as the person can use.
var (
	ErrToken      = fault.New(fault.Unauthorized, "sin_identificacion", "hay que ingresar: falta un token de acceso válido")
	ErrCredencial = fault.New(fault.Unauthorized, "credencial_invalida", "el correo o la contraseña no son correctos")
	ErrSesion     = fault.New(fault.Unauthorized, "sesion_terminada", "la sesión terminó: hay que volver a ingresar")
	ErrOcupado    = fault.New(fault.Limited, "ingresos_saturados", "hay demasiados ingresos a la vez; pruebe de nuevo en unos segundos")
	ErrIntentos   = fault.New(fault.Limited, "demasiados_intentos", "demasiados intentos; espere un rato antes de probar de nuevo")
	ErrContrasena = fault.New(fault.Invalid, "contrasena_invalida", "la contraseña no sirve")
	ErrActivacion = fault.New(fault.Unauthorized, "activacion_invalida", "el enlace ya se usó o venció; pida otro a un administrador")
	ErrTelegram   = fault.New(fault.Unauthorized, "telegram_invalido", "Telegram no confirma quién es usted; abra la aplicación de nuevo")
	ErrSinVinculo = fault.New(fault.Unauthorized, "telegram_sin_vinculo", "esa cuenta de Telegram no está vinculada a ningún usuario")
	ErrSinPermiso = fault.New(fault.Unavailable, "sesion_no_comprobable", "por ahora no se puede comprobar la sesión; pruebe de nuevo en unos segundos")

	// ErrFaltaSegundo: the password was right; the code of the second factor is missing.
	ErrFaltaSegundo = fault.New(fault.Unauthorized, "segundo_factor_requerido", "falta el código de verificación")
	ErrSegundo      = fault.New(fault.Unauthorized, "segundo_factor_invalido", "el código de verificación no es correcto o ya se usó")
	// ErrSinSegundo: the rol requires a second factor and the session has shown none.
	ErrSinSegundo         = fault.New(fault.Forbidden, "segundo_factor_sin_activar", "su rol necesita un segundo factor: hay que activarlo para seguir")
	ErrSegundoActivo      = fault.New(fault.Conflict, "segundo_factor_activo", "el segundo factor ya está activo")
	ErrSegundoAusente     = fault.New(fault.Conflict, "segundo_factor_ausente", "no hay un segundo factor por activar ni activo")
	ErrSegundoObligatorio = fault.New(fault.Conflict, "segundo_factor_obligatorio", "su rol necesita el segundo factor: no se puede quitar")
)

// wait is a refusal with the time after which it may be tried again.
type wait struct {
	error
	after time.Duration
}

// RetryAfter tells when to try again.
func (w wait) RetryAfter() time.Duration { return w.after }

// Unwrap returns the refusal.
func (w wait) Unwrap() error { return w.error }
