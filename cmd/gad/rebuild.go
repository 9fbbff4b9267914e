package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/projections"
)

// rebuildCommand makes a read model anew beside the living one.
func rebuildCommand() *cobra.Command {
	var accept, asJSON bool
	c := &cobra.Command{
		Use:   "rebuild PROYECCION",
		Short: "Reconstruye un modelo de lectura al costado y lo pone en su lugar",
		Long: `Pliega el registro entero en tablas nuevas, compara su resumen con el de las vivas en
la misma posición y las reemplaza en una transacción. Nadie se queda sin tablas. Si los
resúmenes difieren no reemplaza nada y sale con 3, salvo con --accept.

Proyecciones: ` + strings.Join(projectionNames(), ", "),
		Example: "  gad rebuild tareas\n  gad rebuild efectivos --accept",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if names := projectionNames(); !slices.Contains(names, args[0]) {
				return usageError{fmt.Errorf("no hay una proyección %q; las hay: %s", args[0], strings.Join(names, ", "))}
			}
			return withSystem(cmd, func(s *system) error {
				bar := newProgress(cmd, args[0], 1)
				done, err := s.newRunner().Rebuild(cmd.Context(), args[0], projections.RebuildOptions{Progress: bar.report, Accept: accept})
				bar.done()
				if different, ok := errors.AsType[*projections.DifferentError](err); ok {
					return fmt.Errorf("%w: %w", errFound, different)
				}
				if err != nil {
					return explain(err)
				}
				if asJSON {
					return writeJSON(cmd, done)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s reconstruida hasta la posición %d en %s\n", done.Projection, done.Position, done.Took.Round(1e6))
				return err
			})
		},
	}
	c.Flags().BoolVar(&accept, "accept", false, "reemplazar aunque los resúmenes difieran")
	c.Flags().BoolVar(&asJSON, "json", false, "como JSON")
	return c
}

func projectionNames() (names []string) {
	for _, p := range readModels() {
		names = append(names, p.Name())
	}
	return names
}
