package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/cmd/gad/entry"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

type newUser struct {
	rol, email, nombre, apellido string
	stdin                        bool
}

func createUserCommand() *cobra.Command {
	var u newUser
	c := &cobra.Command{
		Use:   "create-user",
		Short: "Registra un usuario e imprime su enlace de un solo uso",
		Long: `Registra un usuario e imprime el enlace, de un solo uso, con el que elige su contraseña.
Con --password-stdin la contraseña es la línea que llega por la entrada estándar, de 12 a
128 caracteres. No hay credenciales por defecto en ningún lado.

Es la única manera de que haya un primer administrador, y queda en el registro.`,
		Example: `  gad admin create-user --rol administrador --email ana@ejemplo.gob.ar --nombre Ana --apellido Paz
  gad admin create-user --rol servicio --email gps@ejemplo.gob.ar --nombre GPS --apellido Norte --password-stdin < clave.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return createUser(cmd, u) },
	}
	c.Flags().StringVar(&u.rol, "rol", "", "efectivo, supervisor, administrador, auditor o servicio")
	c.Flags().StringVar(&u.email, "email", "", "correo, con el que ingresa")
	c.Flags().StringVar(&u.nombre, "nombre", "", "nombre")
	c.Flags().StringVar(&u.apellido, "apellido", "", "apellido")
	c.Flags().BoolVar(&u.stdin, "password-stdin", false, "leer la contraseña de la entrada estándar, sin enlace")
	for _, name := range []string{"rol", "email", "nombre", "apellido"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was defined three lines above
		}
	}
	return c
}

func createUser(cmd *cobra.Command, u newUser) error {
	password, err := u.password(cmd.InOrStdin())
	if err != nil {
		return explain(err)
	}
	return withSystem(cmd, func(s *system) error {
		ctx := cmd.Context()
		id, sujeto := ident.Usuario(uuid.NewString()), uuid.NewString()
		command, err := uuid.NewV7()
		if err != nil {
			return err
		}
		_, err = s.dispatcher.Dispatch(ctx, commands.Order{
			ID: eventstore.CommandID(command), Causation: "gad admin",
			Commands: []commands.Command{usuario.Registrar{
				Orden:  usuario.Orden{ID: id, Por: permiso.Autor{Rol: permiso.Administrador}, En: time.Now().UTC()},
				Sujeto: ident.Sujeto(sujeto), Rol: permiso.Rol(u.rol),
				Nombre: commands.Seal(sujeto, "nombre", u.nombre), Apellido: commands.Seal(sujeto, "apellido", u.apellido),
				Email: commands.SealIndexed(sujeto, "email", u.email),
			}},
		})
		if err != nil {
			return explain(err)
		}
		if password == "" {
			return s.printLink(cmd, id)
		}
		if err := s.door.SetPassword(ctx, id, password); err != nil {
			return explain(err)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), id)
		return err
	})
}

func (u newUser) password(in io.Reader) (string, error) {
	if !u.stdin {
		return "", nil
	}
	typed, err := io.ReadAll(io.LimitReader(in, 4096))
	if err != nil {
		return "", err
	}
	password := strings.TrimRight(string(typed), "\r\n")
	return password, auth.CheckPassword(password)
}

func linkCommand() *cobra.Command {
	var email string
	c := &cobra.Command{
		Use:   "link",
		Short: "Imprime un enlace de un solo uso nuevo para quien perdió la contraseña o el teléfono",
		Long: `Imprime un enlace de un solo uso para elegir otra contraseña. El anterior deja de servir;
cuando se usa, las sesiones abiertas y el segundo factor terminan.`,
		Example: "  gad admin link --email ana@ejemplo.gob.ar",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSystem(cmd, func(s *system) error {
				id, known, err := entry.Directory{Vault: s.vault}.ByEmail(cmd.Context(), email)
				switch {
				case err != nil:
					return err
				case !known:
					return errors.New("no hay un usuario con ese correo")
				}
				return s.printLink(cmd, id)
			})
		},
	}
	c.Flags().StringVar(&email, "email", "", "correo con el que ingresa")
	if err := c.MarkFlagRequired("email"); err != nil {
		panic(err) // the flag was defined three lines above
	}
	return c
}

// printLink makes the one-time link of a Usuario. It goes to the output and nowhere else.
func (s *system) printLink(cmd *cobra.Command, id ident.Usuario) error {
	activation, err := s.door.NewActivation(cmd.Context(), id)
	if err != nil {
		return err
	}
	base := s.settings.PublicURL
	if base == "" {
		base = "http://" + s.settings.HTTPAddr
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\nVale una vez, hasta %s:\n%s\n", id,
		activation.Expires.In(s.zone).Format("2006-01-02 15:04"), rest.ActivationLink(base, activation.Code))
	return err
}

func telegramKeyCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "telegram-key",
		Short: "Escribe lo que el rol api necesita del token del bot, y no más",
		Long: `Lee el token del bot (GAD_TELEGRAM_TOKEN o GAD_TELEGRAM_TOKEN_FILE) y escribe su HMAC en un
archivo para GAD_TELEGRAM_WEBAPP_KEY_FILE. Con él se comprueba quién abre la aplicación desde
Telegram; no se puede enviar ni leer ningún mensaje.`,
		Example: "  gad admin telegram-key --out /etc/gad/telegram-webapp.key",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := loadSettings(cmd)
			if err != nil {
				return err
			}
			token := settings.TelegramToken.Reveal()
			if token == "" {
				return errors.New("falta el token: GAD_TELEGRAM_TOKEN_FILE")
			}
			return os.WriteFile(out, []byte(hex.EncodeToString(auth.TelegramKey(token))+"\n"), 0o400)
		},
	}
	c.Flags().StringVar(&out, "out", "", "archivo que se escribe (modo 0400)")
	if err := c.MarkFlagRequired("out"); err != nil {
		panic(err) // the flag was defined three lines above
	}
	return c
}
