package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/obs"
)

// serveCommand runs roles against servers that somebody else keeps.
func serveCommand() *cobra.Command {
	var roles []string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Corre roles contra servicios propios",
		Long: `Corre uno o más roles con los ajustes GAD_* (ver gad config print):
  api        REST y tablero            projector  modelos de lectura
  live       mapa vivo, /ws            relay      el registro hacia JetStream
  bot        Telegram                  policies   reacciones; sella la telemetría
Dos procesos con el mismo rol a la vez son inofensivos. SIGTERM termina en orden; SIGHUP
vuelve a leer los secretos de sus archivos.`,
		Example: `  gad serve
  gad serve --roles=live
  GAD_ROLES=api,projector gad serve --config /etc/gad.env`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var override []string
			if cmd.Flags().Changed("roles") {
				// The settings are checked as a whole, so the flag has to be among them.
				override = append(override, "GAD_ROLES="+strings.Join(roles, ","))
			}
			load := func() (config.Config, error) { return loadSettings(cmd, override...) }
			settings, err := load()
			if err != nil {
				return err
			}
			return untilAsked(cmd.Context(), runServe(cmd, settings, load))
		},
	}
	c.Flags().StringSliceVar(&roles, "roles", config.AllRoles(), "roles que corre este proceso")
	return c
}

func runServe(cmd *cobra.Command, settings config.Config, load func() (config.Config, error)) error {
	log := newLog(settings, cmd.ErrOrStderr())
	if settings.LogDir != "" {
		files, err := obs.OpenFiles(settings.LogDir, settings.LogLevel, settings.LogRetentionDays)
		if err != nil {
			return fmt.Errorf("GAD_LOG_DIR: %w", err)
		}
		defer func() { _ = files.Close() }()
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "el registro va a %s\n", filepath.Join(settings.LogDir, obs.FileLog))
		log = slog.New(rest.Traced(files.Handler()))
	}
	sys, err := openSystem(cmd.Context(), settings, log)
	if err != nil {
		return err
	}
	defer sys.close()
	ready := make(chan addresses, 1)
	go func() {
		if at, ok := <-ready; ok {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "listo %s\n", cmp.Or(at.http, at.ops))
		}
	}()
	defer close(ready)
	ctx, stop := context.WithCancel(cmd.Context())
	reloads := make(chan struct{})
	go func() { defer close(reloads); sys.reloadOnHangup(ctx, load) }()
	defer func() { stop(); <-reloads }()
	return sys.run(ctx, ready)
}

// untilAsked takes the end of ctx for what it is to a program that runs until somebody asks
// it to end: no failure, also when it came during the start.
func untilAsked(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return ignoreCanceled(err)
}

// newLog writes to w as the settings say.
func newLog(settings config.Config, w io.Writer) *slog.Logger {
	return slog.New(rest.Traced(obs.NewLogger(w, settings.LogLevel).Handler()))
}
