package main

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	demoFleet  = 18
	demoSpeed  = 10.0 // fast enough to be seen moving
	demoEvery  = 20 * time.Second
	demoUnidad = "Demostración"
	demoRadius = 4_000.0 // m

	// Shifts of the simulated clock: every demoSpan each of them drives for demoShift. Two of
	// three are on duty, and within minutes of the real clock somebody comes or goes.
	demoSpan  = 6 * time.Hour
	demoShift = 4*time.Hour - 5*time.Minute // what is left of the span is more than offDuty
)

// demo animates a small invented operation in Buenos Aires through the public
// API, until ctx ends: shifts that begin and end, leaves, calls and emergencies, accepted and
// refused, pauses, lost signals and calls for help. Its people are registered once, marked as simulated, and
// found again by every later start.
func demo(ctx context.Context, baseURL string, all credentials, log *slog.Logger) error {
	units, desk, err := drivers(all, "dev-credentials.json")
	if err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3)) //nolint:gosec // a drawing of chance, not a secret
	s := newSimulation(newSimClient(baseURL, units), newSimClient(baseURL, desk), demoSpeed, 6*time.Minute)
	s.script = new(simScript)
	if err := s.define(ctx, inventZones(obelisco, demoRadius)); err != nil {
		return fmt.Errorf("draw the Zonas of the demo: %w", err)
	}
	known, err := s.demoFleet(ctx)
	if err != nil {
		return fmt.Errorf("find the people of the demo: %w", err)
	}
	for i, track := range inRotation(inventTracks(chance, demoFleet, obelisco, demoRadius), demoSpan, demoShift) {
		code := fmt.Sprintf("DEMO-%02d", i+1)
		id, ok := known[code]
		if !ok {
			var made simID
			err := s.client.do(ctx, http.MethodPost, "/efectivos", map[string]any{
				"simulado": true, "aceleracion": demoSpeed, "codigo_interno": code, "unidad": demoUnidad,
				"nombre": "Simulado", "apellido": code, "email": strings.ToLower(code) + "@simulado.invalid", "dni": code,
			}, &made)
			if err != nil {
				return fmt.Errorf("register %s of the demo: %w", code, err)
			}
			id = made.ID
		}
		s.add(id, track, 0, uint64(i)).span = demoSpan
	}
	log.InfoContext(ctx, "demo operation running", slog.Int("efectivos", len(s.units)))
	s.run(ctx, 0, demoCalls(chance))
	return ctx.Err()
}

// demoFleet finds the people of an earlier start and ends what they left open
// when it was interrupted.
func (s *simulation) demoFleet(ctx context.Context) (map[string]string, error) {
	var list struct {
		Datos []struct {
			ID            string   `json:"id"`
			CodigoInterno string   `json:"codigo_interno"`
			Tareas        []string `json:"tareas"`
			Simulado      bool     `json:"simulado"`
			SOS           bool     `json:"sos"`
		} `json:"datos"`
	}
	q := url.Values{"unidad": {demoUnidad}, "limite": {"200"}}
	if err := s.client.do(ctx, http.MethodGet, "/efectivos?"+q.Encode(), nil, &list); err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, e := range list.Datos {
		if !e.Simulado || !strings.HasPrefix(e.CodigoInterno, "DEMO-") {
			continue
		}
		known[e.CodigoInterno] = e.ID
		if e.SOS {
			if err := s.desk.do(ctx, http.MethodDelete, "/efectivos/"+e.ID+"/sos", map[string]string{"observaciones": "Atendido (simulado)"}, nil); err != nil {
				return nil, err
			}
		}
		for _, tarea := range e.Tareas {
			if err := s.client.do(ctx, http.MethodPost, "/tareas/"+tarea+"/finalizacion", struct{}{}, nil); err != nil {
				return nil, err
			}
		}
	}
	return known, nil
}

// demoCalls goes on for ever, one call every demoEvery of real time.
func demoCalls(chance *rand.Rand) iter.Seq[simCall] {
	return func(yield func(simCall) bool) {
		gap := time.Duration(float64(demoEvery) * demoSpeed)
		for at := gap / 4; ; at += time.Duration(float64(gap) * (0.5 + chance.Float64())) {
			if !yield(inventCall(chance, at, obelisco, demoRadius)) {
				return
			}
		}
	}
}
