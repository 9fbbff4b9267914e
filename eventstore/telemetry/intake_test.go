package telemetry_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

type onDuty struct{ efectivo.State }

func (d onDuty) Efectivo(context.Context, ident.Efectivo) (efectivo.State, error) {
	return d.State, nil
}

// A device is told "unavailable" and sends again: its fix is stored once,
// whether or not the first report had been stored.
func TestReportSentAgainAfterAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, arm := range map[string]func(*network){
		"the commit was lost": func(n *network) { n.cutBefore.Store(1) },
		"its answer was lost": func(n *network) { n.cutAfter.Store(1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			n := &network{mark: []byte("faulty-writer")}
			s := start(t, n.pool(t, db.AppURL), telemetry.Options{Pace: -1, Writer: "faulty-writer"})
			id, now := ident.Efectivo(uuid.NewString()), time.Now()
			state := efectivo.Evolve(efectivo.State{}, efectivo.Registrado{ID: id})
			state = efectivo.Evolve(state, efectivo.TurnoIniciado{Turno: ident.Turno(uuid.NewString()), En: now.Add(-time.Hour)})
			in := commands.NewIntake(onDuty{state}, s, nil)
			report := func(ago time.Duration) error {
				_, err := in.Receive(t.Context(), permiso.Autor{Rol: permiso.Servicio}, id,
					[]efectivo.Fix{{Punto: geo.Punto{Lat: -34, Lon: -58}, En: now.Add(-ago)}}, "rest")
				return err
			}
			if err := report(3 * time.Second); err != nil {
				t.Fatal(err)
			}
			n.downAfterCut.Store(true)
			arm(n)
			if err := report(2 * time.Second); err == nil {
				t.Fatal("it was stored without a database")
			}
			n.down.Store(false)
			for _, ago := range []time.Duration{2 * time.Second, time.Second} {
				if err := report(ago); err != nil {
					t.Fatal(err)
				}
			}
			if r := verified(t, db.App); r != (telemetry.Report{Head: eventstore.Batch(r.Fixes), Fixes: 3}) {
				t.Errorf("report %+v, want 3 fixes", r)
			}
		})
	}
}
