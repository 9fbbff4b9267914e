package commands

import (
	"crypto/rand"
	"strings"

	"github.com/grupo-gad/gad/domain/sealed"
)

// Seal prepares a text for the vault with a fresh salt. Faces call it where
// the text comes in; an empty value stays empty.
func Seal(owner, field, value string) sealed.Text {
	t := sealed.Text{Owner: owner, Field: field, Value: strings.TrimSpace(value)}
	_, _ = rand.Read(t.Salt[:]) // never fails: the runtime aborts when the system has no randomness
	return t
}

// SealIndexed is Seal for a value that must be unique or can be looked up.
func SealIndexed(owner, field, value string) sealed.Text {
	t := Seal(owner, field, value)
	t.Index = Normal(field, t.Value)
	return t
}

// Normal returns the form under which two writings of a personal value are the same.
func Normal(field, value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	if field == "dni" || field == "telefono" {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" .-()", r) {
				return -1
			}
			return r
		}, value)
	}
	return value
}
