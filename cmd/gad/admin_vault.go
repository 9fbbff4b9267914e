package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
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

Necesita GAD_MIGRATE_DATABASE_URL para reescribir los archivos. Se puede cortar y repetir en
cualquier momento. Corré esto cada GAD_VAULT_KEK_MAX_AGE (30 días) o menos.`,
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
	c.Flags().DurationVar(&wait, "wait", vault.WatchDelay, "cuánto esperar a que los procesos tomen la clave nueva")
	return c
}

type rotation struct {
	key                  string
	rewrapped, completed int64
}

// rotateVault renews the KEK. Every step may be repeated after a crash: until the last one
// both files are good.
func (s *system) rotateVault(ctx context.Context, wait time.Duration) (r rotation, err error) {
	path := s.settings.VaultKEKFile
	owner := s.settings.MigrateDatabaseURL.Reveal()
	if owner == "" {
		return r, errors.New("falta GAD_MIGRATE_DATABASE_URL: hay que reescribir archivos de la base, y eso lo puede solo su dueño")
	}
	if err := vault.CreateKEK(nextKEK(path)); err != nil {
		return r, err
	}
	next, err := vault.LoadKEK(nextKEK(path))
	if err != nil {
		return r, err
	}
	if err := s.vault.Announce(ctx, next); err != nil {
		return r, err
	}
	since, err := s.vault.Age(ctx)
	if err != nil {
		return r, err
	}
	select {
	case <-ctx.Done():
		return r, ctx.Err()
	case <-time.After(wait):
	}
	done, err := s.vault.Renew(ctx)
	if err != nil {
		return r, err
	}
	r.key, r.rewrapped = done.After, done.Keys
	if err := rewriteFiles(ctx, owner); err != nil {
		return r, err
	}
	if err := replaceKEK(path); err != nil {
		return r, err
	}
	r.completed, err = s.vault.Complete(ctx, since)
	return r, err
}

// replaceKEK destroys the old key: overwritten, then replaced.
func replaceKEK(path string) error {
	//nolint:gosec // the path is a setting of the operator who runs this
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destruir la clave anterior: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the same
	if err == nil {
		_, werr := f.Write(make([]byte, 32))
		err = errors.Join(werr, f.Sync(), f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destruir la clave anterior: %w", err)
	}
	//nolint:gosec // the same
	if err := os.Rename(nextKEK(path), path); err != nil {
		return fmt.Errorf("poner la clave nueva en su lugar: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path)) //nolint:gosec // the same
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// rewritten are the tables that may have held personal data, small ones all: a deleted row
// stays in its page, and a sample of it in the statistics, until somebody writes over it.
var rewritten = []string{
	"boveda.claves", "boveda.textos", "boveda.indice", "boveda.secretos", "eventos.claims", "lectura.usuarios", "lectura.efectivos_nombres",
	"lectura.aprobaciones", "sesiones.credenciales", "sesiones.familias", "sesiones.refrescos", "buzon.entrada", "buzon.salida", "buzon.vinculos",
	"buzon.botones", "buzon.fallos",
}

// rewriteFiles writes them anew, so that nothing of what was deleted is left in their files.
func rewriteFiles(ctx context.Context, owner string) error {
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return fmt.Errorf("conectar como dueño: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, table := range rewritten {
		if _, err := conn.Exec(ctx, "vacuum (full, analyze) "+table); err != nil {
			return fmt.Errorf("reescribir %s: %w", table, err)
		}
	}
	if _, err := conn.Exec(ctx, "vacuum full pg_catalog.pg_statistic"); err != nil {
		return fmt.Errorf("reescribir las estadísticas: %w", err)
	}
	return nil
}

// warnOldKEK says in the log that the key of the vault waits to be renewed.
func (s *system) warnOldKEK(ctx context.Context) {
	since, err := s.vault.Age(ctx)
	if err == nil && time.Since(since) > s.settings.VaultKEKMaxAge {
		s.log.WarnContext(ctx, "the key of the vault is old: gad admin keys rotate-vault", slog.Time("since", since))
	}
}
