package policies_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands/policies"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/politica"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/projections/politicas"
)

// simulated is on duty and lives so many times faster than the clock.
func (w *world) simulated(aceleracion float64) ident.Efectivo {
	w.t.Helper()
	id := ident.Efectivo(uuid.Must(uuid.NewV7()).String())
	o := efectivo.Orden{ID: id, Por: boss, En: w.now}
	w.do(efectivo.Registrar{
		Orden: o, Usuario: ident.Usuario(uuid.NewString()), CodigoInterno: "S-" + uuid.NewString()[:8], Simulado: true, Aceleracion: aceleracion,
	})
	w.do(efectivo.IniciarTurno{Orden: o, Turno: ident.Turno(uuid.NewString())})
	return id
}

// fires says at what instants after noon the policies say something within a day, second by
// second of what they know, in virtual time.
func (w *world) fires(instants ...time.Duration) (said []string) {
	w.t.Helper()
	before := len(w.said())
	for _, after := range instants {
		w.at(after)
		now := w.said()
		if n := len(now) - before; n > 0 {
			said = append(said, fmt.Sprintf("%s x%d", after, n))
		}
		before = len(now)
	}
	return said
}

// Every delay is a setting, and a setting that changes holds for what waits already.
func TestDelaysAreSettings(t *testing.T) {
	t.Parallel()
	w, pool := newWorldOn(t)
	w.planned(w.onDuty()) // begins at 13:00 and ends at 14:00
	w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: w.onDuty(), Por: boss, En: w.now}})
	w.timers = politicas.NewTimers(pool, politica.Plazos{
		Recordatorios: []time.Duration{30 * time.Minute, 5 * time.Minute, time.Minute}, Vencida: 15 * time.Minute, SOS: []time.Duration{90 * time.Second},
	})
	got := w.fires(
		time.Minute, 89*time.Second, 90*time.Second, 3*time.Minute, 10*time.Minute, 20*time.Minute, 29*time.Minute, 30*time.Minute, 50*time.Minute,
		54*time.Minute, 55*time.Minute, 58*time.Minute, 59*time.Minute, 2*time.Hour, 134*time.Minute, 135*time.Minute,
	)
	if want := []string{"1m30s x1", "30m0s x1", "55m0s x1", "59m0s x1", "2h15m0s x1"}; !slices.Equal(got, want) {
		t.Errorf("said at %v, want %v", got, want)
	}
	// What each reminder is called follows the setting.
	var clases []string
	events, err := w.store.ReadLog(t.Context(), 0, 1000)
	must(t, err)
	for _, r := range events {
		if e, ok := r.Event.(tarea.RecordatorioEnviado); ok {
			clases = append(clases, e.Clase)
		}
	}
	if want := []string{"t-30", "t-5", "t-1", "vencida"}; !slices.Equal(clases, want) {
		t.Errorf("reminders %v, want %v", clases, want)
	}
}

// With other delays, what was fired under the old ones is not fired again.
func TestAChangedDelayRepeatsNothing(t *testing.T) {
	t.Parallel()
	w, pool := newWorldOn(t)
	w.planned(w.onDuty())
	if got := w.fires(20 * time.Minute); len(got) != 1 {
		t.Fatalf("T-40: %v", got)
	}
	w.timers = politicas.NewTimers(pool, politica.Plazos{Recordatorios: []time.Duration{30 * time.Minute, 10 * time.Minute}, SOS: []time.Duration{time.Minute}})
	if got, want := w.fires(30*time.Minute, 50*time.Minute), []string{"50m0s x1"}; !slices.Equal(got, want) {
		t.Errorf("said at %v, want %v", got, want)
	}
}

// What a simulated Efectivo waits for comes as many times sooner as he lives faster; what a
// real one waits for does not, beside him or not.
func TestAccelerationScalesTimers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fast, real := w.simulated(60), w.onDuty()
	w.planned(fast, real)
	help := func(id ident.Efectivo) {
		w.do(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: id, Por: boss, En: w.now}})
	}
	help(fast)
	help(real)
	w.at(time.Second) // his first minute
	w.at(3 * time.Second)
	w.at(10 * time.Second)
	levels := func() map[string]int {
		got := map[string]int{}
		events, err := w.store.ReadLog(t.Context(), 0, 1000)
		must(t, err)
		for _, r := range events {
			switch e := r.Event.(type) {
			case operacion.AlertaEscalada:
				got["sos "+name(e.Efectivo, fast)]++
			case tarea.RecordatorioEnviado:
				got[e.Clase+" "+name(e.Efectivo, fast)]++
			}
		}
		return got
	}
	wants := func(want map[string]int) {
		t.Helper()
		if got := levels(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("at %s: %v, want %v", w.now.Sub(noon), got, want)
		}
	}
	wants(map[string]int{"sos simulated": 3})
	w.at(10 * time.Minute)
	wants(map[string]int{"sos simulated": 3, "sos real": 3})
	w.at(20 * time.Minute) // 40 minutes before it begins: for him that is a day and a half
	wants(map[string]int{"sos simulated": 3, "sos real": 3, "t-40 real": 1})
	w.at(time.Hour - 41*time.Second)
	wants(map[string]int{"sos simulated": 3, "sos real": 3, "t-40 real": 1, "t-10 real": 1})
	w.at(time.Hour - 40*time.Second)
	w.at(time.Hour - 10*time.Second)
	wants(map[string]int{"sos simulated": 3, "sos real": 3, "t-40 real": 1, "t-10 real": 1, "t-40 simulated": 1, "t-10 simulated": 1})
}

func name(id, fast ident.Efectivo) string {
	if id == fast {
		return "simulated"
	}
	return "real"
}

// The rules of the positions are settings too.
func TestRulesOfTheFieldAreSettings(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside = 1
	id := f.onDuty()
	f.here(id)
	_, err := f.memory.Hold(t.Context())
	must(t, err)
	c := policies.NewCampo(
		policies.Observacion{Orders: f.door, Estados: f.door, Telemetry: f.fixes, Lugares: f, Memoria: memoria{f.memory}},
		policies.CampoOptions{
			Now: func() time.Time { return f.now },
			Reglas: policies.Reglas{
				Periodo: 10 * time.Second, Perdidos: 2, Cruce: time.Hour, Cruces: 3, LlegadaM: 200, Llegada: 5 * time.Second, Cobertura: time.Second,
			},
		})
	must(t, c.Load(t.Context()))
	f.seen(c, id, 1*time.Second, north(400), 0)
	f.seen(c, id, 5*time.Second, north(300), 0)
	f.wantSaid()
	f.seen(c, id, 9*time.Second, north(190), 0) // the third fix inside; near enough
	f.wantSaid("efectivo.zona_ingresada")
	f.seen(c, id, 15*time.Second, north(150), 0)
	f.wantSaid("efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada")
	f.now = noon.Add(36 * time.Second)
	_, err = c.Step(t.Context())
	must(t, err)
	f.wantSaid("efectivo.zona_ingresada", "tarea.efectivo_en_lugar", "efectivo.ubicacion_confirmada", "efectivo.senal_perdida")
}

// A simulated Efectivo is silent for as many times less, and stays as many times less.
func TestAccelerationScalesTheField(t *testing.T) {
	t.Parallel()
	f := newField(t)
	f.inside, f.rules = 1, zona.Reglas{}
	fast, real := f.simulated(10), f.onDuty()
	f.here(fast)
	f.here(real)
	c := f.campo(f.door, memoria{f.memory})
	said := func() (list []string) {
		events, err := f.store.ReadLog(t.Context(), 0, 1000)
		must(t, err)
		for _, r := range events {
			if id, ok := strings.CutPrefix(string(r.Stream), "efectivo-"); ok && r.Metadata.Actor == "sistema:politicas" {
				list = append(list, strings.TrimPrefix(r.Type, "efectivo.")+" "+name(ident.Efectivo(id), fast))
			}
		}
		slices.Sort(list)
		return list
	}
	for _, id := range []ident.Efectivo{fast, real} {
		f.seen(c, id, time.Second, north(10), 0)
		f.seen(c, id, 4*time.Second, north(10), 0) // three seconds: half a minute of his
	}
	want := []string{"ubicacion_confirmada simulated", "zona_ingresada real", "zona_ingresada simulated"}
	if got := said(); !slices.Equal(got, want) {
		t.Errorf("said %v, want %v", got, want)
	}
	f.now = noon.Add(4*time.Second + 19*time.Second) // three periods of six seconds
	_, err := c.Step(t.Context())
	must(t, err)
	want = []string{"senal_perdida simulated", "ubicacion_confirmada simulated", "zona_ingresada real", "zona_ingresada simulated"}
	if got := said(); !slices.Equal(got, want) {
		t.Errorf("said %v, want %v", got, want)
	}
}
