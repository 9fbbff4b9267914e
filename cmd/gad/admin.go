package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/projections"
)

// adminCommand is what only somebody on the server may do.
func adminCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Lo que solo se hace en el servidor: usuarios, claves, claves apartadas",
		Example: `  gad admin create-user --rol administrador --email ana@ejemplo.gob.ar --nombre Ana --apellido Paz
  gad admin link --email ana@ejemplo.gob.ar
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
	c.AddCommand(createUserCommand(), linkCommand(), telegramKeyCommand(), parkedCommand(), keys)
	return c
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
