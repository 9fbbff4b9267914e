package commands_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// One wrong first fix, at (0,0), hides nobody for longer than two more: the third that agrees is
// where he is, also when the process is another one by then.
func TestIntakeWrongFirstFix(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	var (
		r   roster
		now = time.Now().UTC().Truncate(time.Microsecond)
	)
	id, por := r.enter(onDuty(now))
	wrong := at(now, 10)
	wrong.Punto = geo.Punto{}
	var flagged []bool
	var in *commands.Intake
	for _, f := range []efectivo.Fix{wrong, at(now, 20), at(now, 30), at(now, 40), at(now, 50)} {
		in = commands.NewIntake(&r, store, nil)
		v, err := in.Receive(t.Context(), por, id, []efectivo.Fix{f}, "rest")
		if err != nil {
			t.Fatal(err)
		}
		flagged = append(flagged, v[0].Marcada)
	}
	if want := []bool{false, true, true, false, false}; !slices.Equal(flagged, want) {
		t.Errorf("flagged %v, want %v", flagged, want)
	}
	if m := in.Marker(id); !m.En.Equal(at(now, 50).En) || m.Lat > -34 {
		t.Errorf("the marker is %+v", m)
	}
}

// naive judges a fix by everything that is stored, as somebody would who reads it.
func naive(stored []eventstore.Fix, f efectivo.Fix) (flagged bool) {
	stored = slices.SortedFunc(slices.Values(stored), func(a, b eventstore.Fix) int { return a.DeviceAt.Compare(b.DeviceAt) })
	type place struct {
		geo.Punto
		en time.Time
	}
	fast := func(a, b place) bool {
		return geo.Distancia(a.Punto, b.Punto)-10 > 90*max(0.1, b.en.Sub(a.en).Abs().Seconds())
	}
	var marker *place
	var way []place // what was not believed since
	for _, s := range stored {
		p := place{geo.Punto{Lat: s.Lat, Lon: s.Lon}, s.DeviceAt}
		if s.Flags&eventstore.FlagImpossibleSpeed == 0 {
			marker, way = &p, nil
		} else {
			way = append(way, p)
		}
	}
	here := place{f.Punto, f.En}
	if marker == nil || !fast(*marker, here) {
		return false
	}
	if len(way) < 2 || !f.En.After(way[len(way)-1].en) {
		return true
	}
	a, b := way[len(way)-2], way[len(way)-1]
	return fast(a, b) || fast(b, here)
}

// Wherever the fixes are, whatever their order, the repetitions and the restarts: a verdict is a
// function of what is stored, and nobody is hidden who says the same three times.
func TestIntakeJumpsShuffledAndRepeated(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	store := startTelemetry(t, db.App, telemetry.Options{Pace: -1})
	now := time.Now().UTC().Truncate(time.Microsecond)
	away := []geo.Punto{{}, {Lat: 10, Lon: 10}, {Lat: -34.6, Lon: -58.4}}
	rapid.Check(t, func(rt *rapid.T) {
		var r roster
		in := commands.NewIntake(&r, store, nil)
		id, por := r.enter(onDuty(now))
		make1 := func(s, where int) efectivo.Fix {
			f := at(now, float64(s))
			if where < len(away) {
				f.Lat, f.Lon = away[where].Lat, away[where].Lon
			}
			return f
		}
		var kept []eventstore.Fix
		for range rapid.IntRange(1, 12).Draw(rt, "reports") {
			if rapid.IntRange(0, 2).Draw(rt, "restart") == 0 {
				in = commands.NewIntake(&r, store, nil)
			}
			var fixes []efectivo.Fix
			for range rapid.IntRange(1, 4).Draw(rt, "fixes") {
				fixes = append(fixes, make1(rapid.IntRange(0, 60).Draw(rt, "second"), rapid.IntRange(0, 3).Draw(rt, "where")))
			}
			verdicts, err := in.Receive(t.Context(), por, id, fixes, "rest")
			if err != nil {
				rt.Fatal(err)
			}
			order := numbered(len(fixes))
			slices.SortStableFunc(order, func(a, b int) int { return fixes[a].En.Compare(fixes[b].En) })
			for _, i := range order {
				if verdicts[i].Rechazada != "" {
					continue
				}
				want := naive(kept, fixes[i])
				if verdicts[i].Marcada != want {
					rt.Fatalf("second %s flagged %t, want %t", fixes[i].En.Sub(now.Add(-time.Hour)), verdicts[i].Marcada, want)
				}
				f := eventstore.Fix{DeviceAt: fixes[i].En, Lat: fixes[i].Lat, Lon: fixes[i].Lon}
				if want {
					f.Flags = eventstore.FlagImpossibleSpeed
				}
				kept = append(kept, f)
			}
		}
		in = commands.NewIntake(&r, store, nil)
		home := []efectivo.Fix{make1(100, 3), make1(110, 3), make1(120, 3)}
		verdicts, err := in.Receive(t.Context(), por, id, home, "rest")
		if err != nil || verdicts[2].Marcada {
			rt.Fatalf("still hidden: %+v, %v", verdicts, err)
		}
	})
}

func numbered(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}
