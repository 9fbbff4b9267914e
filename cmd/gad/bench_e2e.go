package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/live/bench"
	"github.com/grupo-gad/gad/domain/permiso"
)

// frameBar is the promised p99 from an order's acknowledgement to its frame, in milliseconds.
const frameBar = 100

// benchE2ECommand measures the whole way of an order, in one process.
func benchE2ECommand() *cobra.Command {
	var (
		cfg    bench.Config
		asJSON bool
		strict bool
	)
	c := &cobra.Command{
		Use:   "e2e",
		Short: "Mide desde que una orden se reconoce hasta que llega a cada pantalla",
		Long: `Arranca el sistema entero en este proceso, con servidores privados durables, abre
sesiones de /ws y manda órdenes por REST a un ritmo fijo. Mide el tiempo desde el
reconocimiento de cada orden hasta su cuadro en cada sesión.`,
		Example: "  gad bench e2e\n  gad bench e2e --clients 500 --rate 400 --duration 30s",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := benchE2E(cmd, cfg)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd, report)
			} else {
				err = report.Table(cmd.OutOrStdout())
			}
			if err == nil && strict && (report.Frame.P99 > frameBar || report.Missing > 0) {
				err = errBars
			}
			return err
		},
	}
	c.Flags().IntVar(&cfg.Clients, "clients", 200, "sesiones de /ws")
	c.Flags().Float64Var(&cfg.Rate, "rate", 200, "órdenes por segundo")
	c.Flags().DurationVar(&cfg.Duration, "duration", 15*time.Second, "cuánto se mide")
	c.Flags().DurationVar(&cfg.Patience, "patience", 5*time.Second, "cuánto se esperan los últimos cuadros")
	c.Flags().BoolVar(&asJSON, "json", false, "escribe JSON en vez de la tabla")
	c.Flags().BoolVar(&strict, "strict", false, "termina con error si el p99 pasa de 100 ms o falta un cuadro")
	return c
}

func benchE2E(cmd *cobra.Command, cfg bench.Config) (report bench.Report, err error) {
	many := fmt.Sprint(cfg.Clients + 10)
	err = onScratch(cmd, map[string]string{"GAD_WS_MAX_PER_USER": many, "GAD_WS_MAX_PER_BLOCK": many}, func(s *system, data string) error {
		ctx, stop := context.WithCancel(cmd.Context())
		defer stop()
		ready := make(chan addresses, 1)
		running, ctx := errgroup.WithContext(ctx)
		running.Go(func() error { return s.run(ctx, ready) })
		var at addresses
		select {
		case at = <-ready:
		case <-ctx.Done():
			return running.Wait()
		}
		users, err := ensureDevUsers(ctx, s, data+"/dev-credentials.json", at)
		if err != nil {
			return err
		}
		supervisor, _ := users.of(permiso.Supervisor)
		who, err := s.door.Login(ctx, auth.Login{Email: supervisor.Email, Password: supervisor.Password})
		if err != nil {
			return err
		}
		cfg.URL = "ws" + strings.TrimPrefix(at.http, "http") + "/ws"
		cfg.Token = func(context.Context, int) (string, error) { return who.Access, nil }
		cfg.Order = restOrders(at.http, who.Access)
		bar := newProgress(cmd, "órdenes", 1)
		cfg.Progress = func(done, total int) { bar.report(int64(done), int64(total)) }
		report, err = bench.Run(ctx, cfg)
		bar.done()
		stop()
		if stopped := ignoreCanceled(running.Wait()); err == nil {
			err = stopped
		}
		return err
	})
	return report, err
}

// restOrders sends orders the way a dashboard does.
func restOrders(base, token string) func(ctx context.Context, n int) (int64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 30 * time.Second}
	return func(ctx context.Context, n int) (int64, error) {
		body, err := json.Marshal(map[string]any{"titulo": fmt.Sprintf("Medición %d", n), "tipo": "patrullaje", "prioridad": 2})
		if err != nil {
			return 0, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/tareas", bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusCreated {
			return 0, fmt.Errorf("the order answers %s", resp.Status)
		}
		var made struct {
			Posicion int64 `json:"posicion"`
		}
		return made.Posicion, json.NewDecoder(resp.Body).Decode(&made)
	}
}
