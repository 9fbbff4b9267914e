// Package auth knows who is asking: passwords, sessions and access tokens.
//
// It promises that nobody gets in who should not:
//
//   - Access tokens are EdDSA JWTs of at most ten minutes, signed by pinned keys.
//     Verify accepts exactly the form that Issue writes and nothing that the
//     JOSE standards allow besides.
//   - Passwords are kept as argon2id; checking costs the same, and answers the
//     same, whether the person exists or not.
//   - A refresh token works once.
//
// The package speaks no HTTP and keeps nothing itself: credentials and sessions
// lie behind the interfaces it declares. It is the only home of jwx; replacing
// that library changes nothing outside. All types are safe for concurrent use.
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
	Exp     time.Time // when the token ends
}

// The refusals. They say as little as the person can use.
var (
	ErrToken      = fault.New(fault.Unauthorized, "sin_identificacion", "hay que ingresar: falta un token de acceso válido")
	ErrCredencial = fault.New(fault.Unauthorized, "credencial_invalida", "el correo o la contraseña no son correctos")
	ErrSesion     = fault.New(fault.Unauthorized, "sesion_terminada", "la sesión terminó: hay que volver a ingresar")
	ErrOcupado    = fault.New(fault.Limited, "ingresos_saturados", "hay demasiados ingresos a la vez; probá de nuevo en unos segundos")
	ErrContrasena = fault.New(fault.Invalid, "contrasena_invalida", "la contraseña no sirve")
)
