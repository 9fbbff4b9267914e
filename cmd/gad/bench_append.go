package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore/postgres/bench"
	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/local"
)

// errBars reports a measurement that missed a bar.
var errBars = errors.New("no se alcanzó una vara")

// benchAppendCommand measures the event log on a private durable server of its own.
func benchAppendCommand() *cobra.Command {
	var (
		o      bench.Options
		asJSON bool
		strict bool
	)
	cmd := &cobra.Command{
		Use:   "append",
		Short: "Mide altas durables en el registro junto a INSERT y COPY en el mismo servidor",
		Long: `Arranca un PostgreSQL privado y durable, mide altas con 1, 8, 64 y 512 comandos a la
vez junto a INSERT y COPY en el mismo servidor, llena el registro, vuelve a medir y lo
lee entero.`,
		Example: "  gad bench append\n  gad bench append --cell 1s --fill 100000 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := benchAppend(cmd, o)
			if err != nil {
				return err
			}
			if asJSON {
				out := json.NewEncoder(cmd.OutOrStdout())
				out.SetIndent("", "  ")
				err = out.Encode(report)
			} else {
				err = report.WriteTable(cmd.OutOrStdout())
			}
			if err == nil && strict && !report.OK() {
				err = errBars
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&o.Cell, "cell", 2*time.Second, "cuánto dura cada medición")
	cmd.Flags().IntVar(&o.Rounds, "rounds", 3, "cuántas veces se repite; cuenta la mediana")
	cmd.Flags().IntVar(&o.Fill, "fill", 1_000_000, "hasta cuántos eventos se llena el registro")
	cmd.Flags().BoolVar(&asJSON, "json", false, "escribe JSON en vez de la tabla")
	cmd.Flags().BoolVar(&strict, "strict", false, "termina con error si no se alcanza una vara")
	return cmd
}

func benchAppend(cmd *cobra.Command, o bench.Options) (_ bench.Report, err error) {
	ctx := cmd.Context()
	scratch, err := local.ScratchDir()
	if err != nil {
		return bench.Report{}, err
	}
	dir := filepath.Join(scratch, "bench")
	o.Log = cmd.ErrOrStderr()
	server, err := local.StartPostgres(ctx, local.PostgresOptions{
		Dir: dir, Durable: true, Log: os.Stderr,
		// No checkpoint falls into one cell and not into another.
		Settings: map[string]string{"max_wal_size": "8GB", "checkpoint_timeout": "30min", "shared_buffers": "512MB"},
	})
	if err != nil {
		return bench.Report{}, err
	}
	defer func() { err = errors.Join(err, server.Kill()) }() // its files go with this process
	roles, err := local.Provision(ctx, server.URL("postgres", local.Superuser), "bench")
	if err != nil {
		return bench.Report{}, err
	}
	if err := boot.Migrate(ctx, roles.OwnerURL, boot.MigrateOptions{FS: migrations.FS}); err != nil {
		return bench.Report{}, err
	}
	if o.Catalog, err = domain.Catalog(); err != nil {
		return bench.Report{}, fmt.Errorf("read the catalogue: %w", err)
	}
	o.URL = roles.OwnerURL
	return bench.Run(ctx, o)
}
