package live_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/live/bench"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// The driver counts every frame; GAD_TEST_BENCH=1 runs it at full size.
func TestBench(t *testing.T) {
	t.Parallel()
	c := bench.Config{Clients: 10, Rate: 100, Duration: 500 * time.Millisecond, Warmup: 100 * time.Millisecond, Patience: time.Minute}
	if os.Getenv("GAD_TEST_BENCH") != "" {
		c = bench.Config{}
	}
	store := postgresStore(t)
	n := startNode(t, store, newDesk(), func(d *live.Deps) { d.Limits.Tick = 0 })
	token := n.token(permiso.Supervisor)
	c.URL = n.url
	c.Token = func(context.Context, int) (string, error) { return token, nil }
	c.Order = func(ctx context.Context, _ int) (int64, error) {
		id := ident.Tarea(uuid.Must(uuid.NewV7()).String())
		receipt, err := store.Append(ctx, eventstore.Append{
			Command:  eventstore.CommandID(uuid.Must(uuid.NewV7())),
			Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
			Expected: []eventstore.Expectation{{Stream: eventstore.StreamID(id.Stream())}},
			Events: []eventstore.Draft{{Stream: eventstore.StreamID(id.Stream()), Event: tarea.Creada{
				ID: id, Codigo: string(id), Tipo: tarea.Patrullaje, Prioridad: tarea.Media, InicioProgramado: noon, En: noon,
			}}},
		})
		return int64(receipt.Last), err
	}
	r, err := bench.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Missing != 0 || r.Failed != 0 || r.Holes != 0 || r.Orders == 0 || r.Frames != r.Orders*r.Clients {
		t.Errorf("report %+v", r)
	}
	if err := r.Table(t.Output()); err != nil {
		t.Fatal(err)
	}
}
