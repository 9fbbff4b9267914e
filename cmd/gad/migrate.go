package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
)

// migrateCommand changes the schema of the database in GAD_MIGRATE_DATABASE_URL.
func migrateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Lleva el esquema de la base a esta versión del programa",
		Example: `  gad migrate up        aplica lo que falta
  gad migrate status    dice qué hay y qué falta
  gad migrate down      vuelve un paso atrás; se niega si el registro no está vacío`,
	}
	c.AddCommand(
		&cobra.Command{
			Use: "up", Short: "Aplica las migraciones que faltan", Args: cobra.NoArgs,
			Example: "  gad migrate up --config gad.env",
			RunE:    func(cmd *cobra.Command, _ []string) error { return migrateTo(cmd, boot.Newest) },
		},
		&cobra.Command{
			Use: "down", Short: "Vuelve un paso atrás en un registro vacío", Args: cobra.NoArgs,
			Example: "  gad migrate down",
			RunE: func(cmd *cobra.Command, _ []string) error {
				url, err := migrateURL(cmd)
				if err != nil {
					return err
				}
				status, err := boot.Status(cmd.Context(), url, migrations.FS)
				if err != nil {
					return err
				}
				if status.Current == 0 {
					return errors.New("no hay ninguna migración aplicada")
				}
				target := status.Current - 1
				if target == 0 {
					target = boot.Nothing
				}
				return migrateTo(cmd, target)
			},
		},
		&cobra.Command{
			Use: "status", Short: "Dice qué hay y qué falta", Args: cobra.NoArgs,
			Example: "  gad migrate status",
			RunE: func(cmd *cobra.Command, _ []string) error {
				url, err := migrateURL(cmd)
				if err != nil {
					return err
				}
				status, err := boot.Status(cmd.Context(), url, migrations.FS)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "aplicada %d de %d\n", status.Current, status.Newest)
				return err
			},
		},
	)
	return c
}

func migrateTo(cmd *cobra.Command, target int32) error {
	url, err := migrateURL(cmd)
	if err != nil {
		return err
	}
	return boot.Migrate(cmd.Context(), url, boot.MigrateOptions{
		FS: migrations.FS, Target: target,
		OnStep: func(number int32, name, direction string) {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s %03d %s\n", direction, number, name)
		},
	})
}

func migrateURL(cmd *cobra.Command) (string, error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return "", err
	}
	url := settings.MigrateDatabaseURL.Reveal()
	if url == "" {
		return "", errors.New("falta GAD_MIGRATE_DATABASE_URL: la dirección de la base con el rol dueño del esquema")
	}
	return url, nil
}
