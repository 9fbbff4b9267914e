package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/cmd/gad/entry"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// credentials are the development users as dev-credentials.json holds them.
type credentials struct {
	Usuarios    []credential `json:"usuarios"`
	Operaciones string       `json:"operaciones"` // address of the operations listener
}

type credential struct {
	Rol      permiso.Rol `json:"rol"`
	Email    string      `json:"email"`
	Password string      `json:"password"`
}

// of returns the credential of a rol.
func (c credentials) of(rol permiso.Rol) (credential, bool) {
	for _, u := range c.Usuarios {
		if u.Rol == rol {
			return u, true
		}
	}
	return credential{}, false
}

// ensureDevUsers registers one user per rol with a random password and writes
// file. Users that the file names and the log knows stay as they are. A crash
// between the two makes the next start set new passwords: nothing is left half done.
func ensureDevUsers(ctx context.Context, s *system, file string, at addresses) (credentials, error) {
	known, err := readCredentials(file)
	if err != nil {
		return credentials{}, err
	}
	all := credentials{Operaciones: at.ops}
	for _, rol := range permiso.Roles() {
		email := string(rol) + "@gad.localhost"
		id, registered, err := entry.Directory{Vault: s.vault}.ByEmail(ctx, email)
		if err != nil {
			return credentials{}, err
		}
		if c, ok := known.of(rol); ok && registered {
			all.Usuarios = append(all.Usuarios, c)
			continue
		}
		if !registered {
			if id, err = registerDevUser(ctx, s, rol, email); err != nil {
				return credentials{}, err
			}
		}
		c := credential{Rol: rol, Email: email, Password: rand.Text()}
		if err := s.door.SetPassword(ctx, id, c.Password); err != nil {
			return credentials{}, err
		}
		all.Usuarios = append(all.Usuarios, c)
	}
	return all, writeCredentials(file, all)
}

// registerDevUser registers the user of a rol; the one with rol efectivo is an
// Efectivo too.
func registerDevUser(ctx context.Context, s *system, rol permiso.Rol, email string) (ident.Usuario, error) {
	var (
		now    = time.Now().UTC()
		por    = permiso.Autor{Rol: permiso.Administrador}
		id     = ident.Usuario(uuid.NewString())
		sujeto = ident.Sujeto(uuid.NewString())
	)
	orders := []commands.Command{usuario.Registrar{
		Orden: usuario.Orden{ID: id, Por: por, En: now}, Sujeto: sujeto, Rol: rol,
		Nombre: commands.Seal(string(sujeto), "nombre", "Desarrollo"), Apellido: commands.Seal(string(sujeto), "apellido", string(rol)),
		Email: commands.SealIndexed(string(sujeto), "email", email),
	}}
	if rol == permiso.Efectivo {
		eid, err := uuid.NewV7()
		if err != nil {
			return "", err
		}
		orders = append(orders, efectivo.Registrar{
			Orden: efectivo.Orden{ID: ident.Efectivo(eid.String()), Por: por, En: now}, Usuario: id, CodigoInterno: "DEV-1",
		})
	}
	command, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	_, err = s.dispatcher.Dispatch(ctx, commands.Order{ID: eventstore.CommandID(command), Commands: orders, Causation: "gad dev"})
	if err != nil {
		return "", fmt.Errorf("registrar el usuario %s: %w", rol, err)
	}
	return id, nil
}

func readCredentials(file string) (c credentials, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s no se entiende (%w): borralo y se hace de nuevo", file, err)
	}
	return c, nil
}

// writeCredentials replaces the file as a whole.
func writeCredentials(file string, c credentials) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".tmp", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".tmp", file)
}
