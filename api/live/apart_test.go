package live_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/relay"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/local"
	"github.com/grupo-gad/gad/ops/pgtest"
)

func postgresStore(t *testing.T) *postgres.Store {
	t.Helper()
	return openStore(t, pgtest.New(t))
}

// openStore is one process' view of a database.
func openStore(t *testing.T, db *pgtest.DB) *postgres.Store {
	t.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.New(t.Context(), db.App, postgres.Options{Catalog: catalog, Writer: t.Name(), Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	background(t, "store", store.Run)
	return store
}

func openTelemetry(t *testing.T, db *pgtest.DB) *telemetry.Store {
	t.Helper()
	store, err := telemetry.Open(t.Context(), db.App, telemetry.Options{Writer: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	background(t, "telemetry", store.Run)
	return store
}

// A live node of its own process knows PostgreSQL and JetStream only: facts come
// by JetStream, positions by telemetry batches; with NATS away it tails the log.
func TestNodeOfItsOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	writer, fixes := openStore(t, db), openTelemetry(t, db)
	dir, port := t.TempDir(), pgtest.Port(t)
	start := func() *local.NATS {
		srv, err := local.StartNATS(local.NATSOptions{Dir: dir, Port: port})
		if err != nil {
			t.Fatal(err)
		}
		return srv
	}
	srv := start()
	t.Cleanup(func() { srv.Stop() })
	connect := func() *nats.Conn {
		conn, err := jetstream.Connect("nats://127.0.0.1:"+strconv.Itoa(port), t.Name())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	feeding := connect()
	publisher, err := jetstream.NewPublisher(feeding, jetstream.Config{})
	if err != nil {
		t.Fatal(err)
	}
	background(t, "relay", relay.New(writer, publisher, relay.Options{Check: 50 * time.Millisecond}).Run)
	intake := jetstream.Announce(feeding, fixes)

	// The other process.
	log, places, reading := openStore(t, db), openTelemetry(t, db), connect()
	facts, err := jetstream.NewConsumer(reading, jetstream.Config{}, log,
		jetstream.ConsumerOptions{Poll: 2 * time.Second}) // on a busy machine the usual poll is faster than the stream
	if err != nil {
		t.Fatal(err)
	}
	ana := persona(t, writer, ident.Usuario(uuid.NewString()))
	n := startNode(t, log, newDesk(), func(d *live.Deps) {
		d.Facts, d.Positions = facts, jetstream.NewTelemetry(reading, places, 0)
	})
	world := &client.View{BBox: [4]float64{-60, -36, -57, -33}}
	boss := n.subscribe(client.Options{Token: fixed(n.token(permiso.Supervisor)), Topics: []string{"tareas", "efectivos"}, View: world}).welcomed(t)
	began := head(t, writer)

	add := func(k int) {
		for range k {
			nueva(t, writer, jefe().Usuario, tarea.Media)
		}
		eventually(t, "the facts arrive", func() string { return same(span(began+1, head(t, writer)), boss.positions()) })
	}
	add(30)
	// On a busy machine the poll may be faster now and then; never always.
	carries := func() {
		before := facts.Sources().Stream
		eventually(t, "JetStream carries", func() string {
			if add(1); facts.Sources().Stream == before {
				return "not yet"
			}
			return ""
		})
	}
	carries()
	report := func(lat float64, at time.Time) {
		if _, err := intake.AppendFixes(t.Context(), []eventstore.Fix{{
			Efectivo: string(ana), Turno: uuid.NewString(), DeviceAt: at, ServerAt: at, Lat: lat, Lon: -58.4,
			Accuracy: 5, Speed: -1, Heading: 90, Source: "rest", Simulated: true,
		}}); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(lat float64, disponibilidad efectivo.Disponibilidad) {
		t.Helper()
		eventually(t, "the position arrives", func() string {
			boss.mu.Lock()
			defer boss.mu.Unlock()
			var i struct {
				Lat            float64                 `json:"lat"`
				Disponibilidad efectivo.Disponibilidad `json:"disponibilidad"`
				Simulado       bool                    `json:"simulado"`
				VelocidadMPS   *float64                `json:"velocidad_mps"`
				Rumbo          *float64                `json:"rumbo"`
			}
			_ = json.Unmarshal(boss.units[string(ana)], &i)
			if i.Lat != lat || i.Disponibilidad != disponibilidad || !i.Simulado || i.VelocidadMPS != nil || i.Rumbo == nil {
				return fmt.Sprintf("%+v", i)
			}
			return ""
		})
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	report(-34.6, now)
	shown(-34.6, efectivo.Disponible)
	report(-34.7, now.Add(-time.Minute)) // late: the marker stays
	report(-34.61, now.Add(time.Second))
	shown(-34.61, efectivo.Disponible)
	put(t, writer, ana.Stream(), 2, efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.NoDisponible, Causa: efectivo.PorOrden, En: noon})
	shown(-34.61, efectivo.NoDisponible)

	srv.Stop()
	add(20)
	report(-34.62, now.Add(2*time.Second))
	shown(-34.62, efectivo.NoDisponible)
	if err := os.RemoveAll(filepath.Join(dir, "nats")); err != nil {
		t.Fatal(err)
	}
	srv = start()
	add(20)
	carries()
	if s := boss.c.Stats(); s.Connections != 1 || s.Holes != 0 {
		t.Errorf("client: %+v", s)
	}
}

// An Efectivo sees himself on the map and nobody else; nobody without the right
// sees anything; a view shows what is inside it.
func TestPositionsAreForWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store, fixes := openStore(t, db), openTelemetry(t, db)
	n := startNode(t, store, newDesk(), func(d *live.Deps) { d.Positions = fixes })
	u := ident.Usuario(uuid.NewString())
	ana, beto, lejos := persona(t, store, u), persona(t, store, ident.Usuario(uuid.NewString())), persona(t, store, ident.Usuario(uuid.NewString()))
	view := &client.View{BBox: [4]float64{-59, -35, -58, -34}}
	watch := func(a permiso.Autor, v *client.View) *subscriber {
		return n.subscribe(client.Options{Token: fixed(n.desk.issue(a, time.Hour)), View: v}).welcomed(t)
	}
	boss := watch(jefe(), view)
	herself := watch(permiso.Autor{Usuario: u, Rol: permiso.Efectivo, Efectivo: ana}, view)
	nobody := watch(permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Nadie}, view)
	blind := watch(jefe(), nil)
	now := time.Now().UTC()
	send := func(id ident.Efectivo, lat float64, at time.Time) {
		if _, err := fixes.AppendFixes(t.Context(), []eventstore.Fix{{
			Efectivo: string(id), Turno: uuid.NewString(), DeviceAt: at, ServerAt: at, Lat: lat, Lon: -58.5, Speed: 1, Heading: -1, Source: "rest",
		}}); err != nil {
			t.Fatal(err)
		}
	}
	send(lejos, 10, now)
	send(beto, -34.5, now)
	send(ana, -34.5, now)
	sees := func(s *subscriber) (ids map[string]bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		ids = map[string]bool{}
		for id := range s.units {
			ids[id] = true
		}
		return ids
	}
	eventually(t, "both see her", func() string {
		b, h := sees(boss), sees(herself)
		if !b[string(ana)] || !b[string(beto)] || !h[string(ana)] {
			return fmt.Sprintf("%v %v", b, h)
		}
		return ""
	})
	if ids := sees(boss); len(ids) != 2 {
		t.Errorf("the supervisor sees %v", ids)
	}
	if ids := sees(herself); len(ids) != 1 {
		t.Errorf("the efectivo sees %v", ids)
	}
	if len(sees(nobody)) != 0 || len(sees(blind)) != 0 {
		t.Errorf("others see %v %v", sees(nobody), sees(blind))
	}
	if err := boss.c.Look(client.View{BBox: [4]float64{-59, 9, -58, 11}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new view", func() string {
		if !sees(boss)[string(lejos)] {
			return "not there"
		}
		return ""
	})
}
