package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/eventstore/vault"
)

// nextKEK is where a renewal keeps the new key until the old one is gone.
func nextKEK(path string) string { return path + ".next" }

// loadKeyring reads the key of the vault, and the next one while a renewal is under way. Which
// of them wraps what is new is written in the database.
func loadKeyring(path string) (*vault.Keyring, error) {
	if _, err := os.Stat(nextKEK(path)); err != nil {
		return vault.LoadKeyring(path)
	}
	return vault.LoadKeyring(path, nextKEK(path))
}

func rotateVaultCommand() *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:   "rotate-vault",
		Short: "Renueva la clave de la bóveda y completa los borrados de datos personales",
		Long: `Hace una clave nueva junto a la de GAD_VAULT_KEK_FILE (terminada en .next), espera a
que los procesos la tomen, vuelve a envolver con ella todas las claves vivas, reescribe los
archivos donde hubo datos personales y destruye la clave anterior: lo que quede en copias y
WAL viejos ya no se puede leer. Recién entonces un borrado está completo.

Si un proceso no tiene la clave nueva se dice cuál y no se cambia nada: copiá el archivo .next a
su máquina y repetí. Necesita GAD_MIGRATE_DATABASE_URL para reescribir los archivos. Se puede
cortar y repetir en cualquier momento. Donde el rol policies tiene esa dirección y puede escribir
junto a la clave, lo hace solo cada GAD_VAULT_KEK_MAX_AGE (30 días).`,
		Example: "  gad admin keys rotate-vault --config gad.env",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSystem(cmd, func(s *system) error {
				report, err := s.rotateVault(cmd.Context(), wait)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "clave %s; %d claves envueltas de nuevo; %d borrados completos\n",
					report.key, report.rewrapped, report.completed)
				return err
			})
		},
	}
	c.Flags().DurationVar(&wait, "wait", vault.WatchDelay, "cuánto esperar, dos veces, a que los procesos tomen la clave nueva")
	return c
}
