package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// adminCommand is what only somebody on the server may do.
func adminCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Lo que solo se hace en el servidor: usuarios, claves, claves apartadas",
		Example: `  gad admin create-user --rol administrador --email ana@ejemplo.gob.ar --nombre Ana --apellido Paz
  gad admin parked
  gad admin parked --retry tareas tarea-0198…
  gad admin keys rotate`,
	}
	keys := &cobra.Command{Use: "keys", Short: "Claves de firma de los tokens y de la bóveda", Example: "  gad admin keys rotate\n  gad admin keys rotate-vault"}
	keys.AddCommand(&cobra.Command{
		Use: "rotate", Short: "Hace una clave nueva; la anterior vale hasta que venza el último token", Args: cobra.NoArgs,
		Example: "  gad admin keys rotate --config gad.env",
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := loadSettings(cmd)
			if err != nil {
				return err
			}
			ring, err := auth.LoadKeys(settings.JWTKeysDir, true, time.Now)
			if err != nil {
				return err
			}
			return ring.Rotate()
		},
	})
	keys.AddCommand(rotateVaultCommand())
	c.AddCommand(createUserCommand(), parkedCommand(), keys)
	return c
}

type newUser struct{ rol, email, nombre, apellido string }

func createUserCommand() *cobra.Command {
	var u newUser
	c := &cobra.Command{
		Use:   "create-user",
		Short: "Registra un usuario; la contraseña se lee de la entrada estándar",
		Long: `Registra un usuario y le pone la contraseña que llega por la entrada estándar (una
línea, de 12 a 128 caracteres). No hay credenciales por defecto en ningún lado.`,
		Example: `  gad admin create-user --rol supervisor --email ana@ejemplo.gob.ar --nombre Ana --apellido Paz < clave.txt`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return createUser(cmd, u) },
	}
	c.Flags().StringVar(&u.rol, "rol", "", "efectivo, supervisor, administrador, auditor o servicio")
	c.Flags().StringVar(&u.email, "email", "", "correo, con el que ingresa")
	c.Flags().StringVar(&u.nombre, "nombre", "", "nombre")
	c.Flags().StringVar(&u.apellido, "apellido", "", "apellido")
	for _, name := range []string{"rol", "email", "nombre", "apellido"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was defined three lines above
		}
	}
	return c
}

func createUser(cmd *cobra.Command, u newUser) error {
	typed, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), 4096))
	if err != nil {
		return err
	}
	password := strings.TrimRight(string(typed), "\r\n")
	if err := auth.CheckPassword(password); err != nil {
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
		if err := s.newDoor().SetPassword(ctx, id, password); err != nil {
			return explain(err)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), id)
		return err
	})
}

func parkedCommand() *cobra.Command {
	var retry, asJSON bool
	c := &cobra.Command{
		Use:   "parked",
		Short: "Lista las claves apartadas de las proyecciones, o reintenta una",
		Example: `  gad admin parked --json
  gad admin parked --retry tareas tarea-0198…`,
		Args: func(cmd *cobra.Command, args []string) error {
			if retry {
				return cobra.ExactArgs(2)(cmd, args)
			}
			return cobra.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withSystem(cmd, func(s *system) error {
				runner := s.newRunner()
				if retry {
					still, err := runner.Retry(cmd.Context(), args[0], args[1])
					if err != nil {
						return explain(err)
					}
					if still != nil {
						return fmt.Errorf("sigue apartada en la posición %d: %s", still.Position, still.Reason)
					}
					_, err = fmt.Fprintln(cmd.OutOrStdout(), "al día")
					return err
				}
				parked, err := runner.Parked(cmd.Context())
				if err != nil {
					return err
				}
				return printParked(cmd.OutOrStdout(), parked, asJSON)
			})
		},
	}
	c.Flags().BoolVar(&retry, "retry", false, "reintentar: PROYECCION CLAVE")
	c.Flags().BoolVar(&asJSON, "json", false, "como JSON")
	return c
}

func printParked(w io.Writer, parked []projections.Parked, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(parked)
	}
	if len(parked) == 0 {
		_, err := fmt.Fprintln(w, "no hay claves apartadas")
		return err
	}
	table := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PROYECCIÓN\tCLAVE\tPOSICIÓN\tEN ESPERA\tDESDE\tMOTIVO")
	for _, p := range parked {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\n", p.Projection, p.Key, p.Position, p.Queued, p.Since.Format(time.RFC3339), p.Reason)
	}
	return table.Flush()
}

// explain says a refusal to a person: its sentence and the fields at fault.
func explain(err error) error {
	f, ok := asFault(err)
	if !ok {
		return err
	}
	var text strings.Builder
	text.WriteString(f.Message)
	for _, field := range f.Fields {
		_, _ = fmt.Fprintf(&text, "; %s: %s", field.Name, field.Message)
	}
	return errors.New(text.String())
}
