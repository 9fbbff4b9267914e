package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/ops/config"
)

// devSettings is the file, in the data directory of gad dev, with the settings
// it runs with.
const devSettings = "gad.env"

// loadSettings reads the settings for a subcommand: --config, else the
// environment, else (when that names no database) the running gad dev's. What
// the command line says itself comes in override and wins.
func loadSettings(cmd *cobra.Command, override ...string) (config.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return config.Config{}, err
	}
	if file == "" && os.Getenv("GAD_DATABASE_URL") == "" && os.Getenv("GAD_MIGRATE_DATABASE_URL") == "" {
		data, err := cmd.Flags().GetString("data")
		if err != nil {
			return config.Config{}, err
		}
		if candidate := filepath.Join(data, devSettings); exists(candidate) {
			file = candidate
		}
	}
	settings, err := config.Load(append(os.Environ(), override...), file)
	if err != nil {
		return settings, fmt.Errorf("los ajustes tienen errores:\n%w", err)
	}
	return settings, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// configCommand shows and checks the settings.
func configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Muestra y revisa los ajustes",
		Example: `  gad config print                     todos los ajustes, con su significado
  gad config check --config gad.env    revisa un archivo y dice todos los errores
  gad config check --env production    dice todo lo que producción no admite`,
	}
	c.PersistentFlags().String("env", "", "como si GAD_ENV dijera esto: development, test, staging o production")
	c.AddCommand(
		&cobra.Command{
			Use: "print", Short: "Lista cada ajuste con su valor; los secretos no se muestran", Args: cobra.NoArgs,
			Example: "  gad config print\n  gad config print --config gad.env",
			RunE: func(cmd *cobra.Command, _ []string) error {
				settings, err := loadSettings(cmd, asEnv(cmd)...)
				if err != nil {
					return err
				}
				return config.Print(cmd.OutOrStdout(), settings)
			},
		},
		&cobra.Command{
			Use: "check", Short: "Revisa los ajustes y dice todos los errores de una vez", Args: cobra.NoArgs,
			Example: "  gad config check --config gad.env",
			RunE: func(cmd *cobra.Command, _ []string) error {
				if _, err := loadSettings(cmd, asEnv(cmd)...); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "los ajustes están bien")
				return err
			},
		},
	)
	return c
}

// asEnv is the flag --env as a setting that wins.
func asEnv(cmd *cobra.Command) []string {
	env, err := cmd.Flags().GetString("env")
	if err != nil || env == "" {
		return nil
	}
	return []string{"GAD_ENV=" + env}
}

// shownSettings is what gad config print says, for GET /admin/config.
func shownSettings(c config.Config) (list []rest.Ajuste) {
	for _, s := range config.Settings() {
		list = append(list, rest.Ajuste{
			Nombre: s.Name, Valor: c.Shown(s), PorDefecto: s.Default, Significado: s.Meaning, Peligro: s.Danger, Secreto: s.Secret,
		})
	}
	return list
}
