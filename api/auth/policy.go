package auth

import (
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
)

// The length of a password in characters.
const (
	minPassword = 12
	maxPassword = 128
)

// CheckPassword refuses a new password that is too short, too long or known to
// everybody. There are no rules of composition: they make passwords worse.
func CheckPassword(password string) error {
	wrong := ""
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		wrong = "lleva al menos 12 caracteres"
	case n > maxPassword:
		wrong = "lleva como mucho 128 caracteres"
	case common(password):
		wrong = "es de las que todo el mundo prueba primero; elija otra"
	}
	if wrong != "" {
		return ErrContrasena.With(fault.Field{Name: "password", Message: wrong})
	}
	return nil
}

// obvious are the roots that guessing begins with.
var obvious = []string{
	"password", "contrasena", "contraseña", "qwerty", "qwertyuiop", "asdfgh", "admin", "administrador", "welcome",
	"bienvenido", "letmein", "iloveyou", "teamo", "argentina", "bocajuniors", "riverplate", "usuario", "secret",
	"secreto", "clave", "changeme", "cambiame", "123456", "123456789", "1234567890", "abc123", "abcdef", "000000", "111111",
	"supervisor", "auditor", "efectivo", "servicio", "gad", "grupogad", "policia", "emergencia",
}

// common reports a password that a list of them holds in some writing, that is one obvious root, repeated or with digits
// and signs around it, or that has hardly any different characters.
func common(password string) bool {
	different := map[rune]struct{}{}
	lower := strings.ToLower(password)
	for _, r := range lower {
		different[r] = struct{}{}
	}
	if len(different) < 5 {
		return true
	}
	for _, root := range obvious {
		if rest := strings.ReplaceAll(lower, root, ""); rest != lower && strings.Trim(rest, "0123456789!@#$%&*._- ¡?¿") == "" {
			return true
		}
	}
	return guessed(lower) || strings.Contains("abcdefghijklmnopqrstuvwxyz0123456789012345678901234567890", lower)
}
