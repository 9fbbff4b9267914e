package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/config"
)

// devCommand runs the whole system on private servers.
func devCommand() *cobra.Command {
	var (
		http string
		ops  string
		demo bool
	)
	c := &cobra.Command{
		Use:   "dev",
		Short: "Todo en un proceso, con servicios privados y una operación simulada",
		Long: `Arranca PostgreSQL + PostGIS, Redis y NATS privados bajo --data, migra, crea un
usuario de desarrollo por rol (credenciales en <data>/dev-credentials.json), corre
todos los roles y anima una pequeña operación inventada, marcada como simulada.
Ctrl-C detiene todo lo que arrancó.`,
		Example: `  gad dev
  gad dev --http 127.0.0.1:9000 --data /tmp/prueba --demo=false`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := cmd.Flags().GetString("data")
			if err != nil {
				return err
			}
			return untilAsked(cmd.Context(), runDev(cmd, devOptions{data: data, http: http, ops: ops, demo: demo}))
		},
	}
	c.Flags().StringVar(&http, "http", "127.0.0.1:8080", "dónde atender")
	c.Flags().StringVar(&ops, "ops", "127.0.0.1:0", "dónde atender /metrics y pprof (puerto 0: uno libre)")
	c.Flags().BoolVar(&demo, "demo", true, "animar una operación simulada")
	return c
}

type devOptions struct {
	data, http, ops string
	demo            bool
	extra           map[string]string // settings over those of development
}

func runDev(cmd *cobra.Command, o devOptions) error {
	ctx, errs := cmd.Context(), cmd.ErrOrStderr()
	data, err := filepath.Abs(o.data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o755); err != nil { //nolint:gosec // the account of PostgreSQL has to get in; what is secret in it is 0600
		return fmt.Errorf("crear el directorio de datos: %w", err)
	}
	servers, err := startPrivate(ctx, data, "", errs)
	if err != nil {
		return err
	}
	defer servers.stop()

	settings, err := devConfig(servers, data, o)
	if err != nil {
		return err
	}
	log := newLog(settings, errs)
	sys, err := openSystem(ctx, settings, log)
	if err != nil {
		return err
	}
	defer sys.close()

	group, ctx := errgroup.WithContext(ctx)
	ready := make(chan addresses, 1)
	group.Go(func() error { return sys.run(ctx, ready) })
	group.Go(func() error {
		var at addresses
		select {
		case at = <-ready:
		case <-ctx.Done():
			return nil
		}
		credentials, err := ensureDevUsers(ctx, sys, filepath.Join(data, "dev-credentials.json"), at)
		if err != nil {
			return fmt.Errorf("crear los usuarios de desarrollo: %w", err)
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "listo %s\n", at.http); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(errs, "ingrese como %s; la contraseña está en %s\n", "supervisor@gad.localhost", filepath.Join(data, "dev-credentials.json")); err != nil {
			return err
		}
		if !o.demo {
			return nil
		}
		// The demo is a guest: it never takes the system down with it.
		if err := demo(ctx, at.http, credentials, log); err != nil && !errors.Is(err, context.Canceled) {
			log.WarnContext(ctx, "the demo operation ended", errorAttr(err))
		}
		return nil
	})
	return group.Wait()
}

// devConfig makes the settings of a development run and leaves them on disk
// for the other subcommands.
func devConfig(servers *privateServers, data string, o devOptions) (config.Config, error) {
	values := servers.settings(data)
	values["GAD_HTTP_ADDR"], values["GAD_OPS_ADDR"] = o.http, o.ops
	if names := localNames(o.http); names != "" {
		values["GAD_HOSTS"] = names
	}
	maps.Copy(values, o.extra)
	if err := vault.CreateKEK(values["GAD_VAULT_KEK_FILE"]); err != nil {
		return config.Config{}, err
	}
	if err := os.MkdirAll(values["GAD_JWT_KEYS_DIR"], 0o700); err != nil {
		return config.Config{}, fmt.Errorf("crear el directorio de claves: %w", err)
	}
	file := filepath.Join(data, devSettings)
	if err := writeSettings(file, values); err != nil {
		return config.Config{}, fmt.Errorf("guardar los ajustes: %w", err)
	}
	settings, err := config.Load(os.Environ(), file)
	if err != nil {
		return settings, fmt.Errorf("los ajustes tienen errores:\n%w", err)
	}
	return settings, nil
}

// localNames are the names of a server that only this machine reaches: a page from elsewhere that
// has its own name point here gets no answer. It is "" for any other address.
func localNames(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	return "127.0.0.1,localhost,::1"
}
