package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/projections/bench"
)

// benchRebuildCommand measures read models catching up, on private servers.
func benchRebuildCommand() *cobra.Command {
	var (
		o      bench.Options
		asJSON bool
		strict bool
	)
	c := &cobra.Command{
		Use:   "rebuild",
		Short: "Mide cuántos hechos por segundo pliegan los modelos de lectura",
		Long: `Llena un registro nuevo con días de trabajo inventados, por el mismo camino que las
órdenes, y mide cada modelo de lectura al ponerse al día y al reconstruirse.`,
		Example: "  gad bench rebuild\n  gad bench rebuild --events 1000000 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var result bench.Result
			err := onScratch(cmd, nil, func(s *system, _ string) (err error) {
				base, stop := context.WithCancel(cmd.Context())
				defer stop()
				stores, base := errgroup.WithContext(base)
				stores.Go(func() error { return s.store.Run(base) })
				var bar progress
				last := ""
				o.Progress = func(step string, done, total int64) {
					if step != last {
						bar, last = newProgress(cmd, step, total), step
					}
					bar.report(done, total)
				}
				o.Names = projectionNamesFrom("tareas")
				result, err = bench.Run(cmd.Context(), s.pool, s.store, s.vault, readModels(), o)
				stop()
				return errors.Join(err, ignoreCanceled(stores.Wait()))
			})
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd, result)
			} else {
				err = result.Print(cmd.OutOrStdout())
			}
			if err == nil && strict && !result.Passed {
				err = errBars
			}
			return err
		},
	}
	c.Flags().Int64Var(&o.Events, "events", 200_000, "hechos en el registro")
	c.Flags().IntVar(&o.Efectivos, "efectivos", 500, "efectivos que trabajan")
	c.Flags().BoolVar(&asJSON, "json", false, "escribe JSON en vez de la tabla")
	c.Flags().BoolVar(&strict, "strict", false, "termina con error si no se alcanza la vara")
	return c
}

// projectionNamesFrom lists the read models with the given one first.
func projectionNamesFrom(first string) []string {
	names := []string{first}
	for _, n := range projectionNames() {
		if n != first {
			names = append(names, n)
		}
	}
	return names
}

// onScratch opens a system over private durable servers that vanish afterwards.
// extra are settings over those of development.
func onScratch(cmd *cobra.Command, extra map[string]string, work func(s *system, data string) error) (err error) {
	scratch, err := local.ScratchDir()
	if err != nil {
		return err
	}
	data, err := os.MkdirTemp(scratch, "bench")
	if err != nil {
		return err
	}
	return onData(cmd, data, extra, work)
}

// onData is onScratch under a directory that stays as the work leaves it.
func onData(cmd *cobra.Command, data string, extra map[string]string, work func(s *system, data string) error) error {
	if err := os.Chmod(data, 0o755); err != nil { //nolint:gosec // the servers' account has to get in
		return err
	}
	ctx := cmd.Context()
	servers, err := startPrivate(ctx, data, "", io.Discard)
	if err != nil {
		return err
	}
	defer servers.stop()
	settings, err := devConfig(servers, data, devOptions{http: "127.0.0.1:0", ops: "127.0.0.1:0", extra: extra})
	if err != nil {
		return err
	}
	s, err := openSystem(ctx, settings, newLog(config.Config{LogLevel: "warn"}, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer s.close()
	return work(s, data)
}
