package efectivo_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
)

var obelisco = geo.Punto{Lat: -34.6037, Lon: -58.3816}

// norte returns the place metres north of the Obelisco.
func norte(metres float64) geo.Punto {
	return geo.Punto{Lat: obelisco.Lat + metres/111_195, Lon: obelisco.Lon}
}

func fix(en time.Time, p geo.Punto) efectivo.Fix {
	return efectivo.Fix{Punto: p, En: en, Velocidad: -1, Rumbo: -1}
}

func TestRecibir(t *testing.T) {
	t.Parallel()
	var (
		min      = time.Minute
		trabaja  = efectivo.Decider.Fold(efectivo.State{}, registrado, deTurno)
		termino  = efectivo.Evolve(trabaja, finTurno)
		volvio   = efectivo.Evolve(termino, efectivo.TurnoIniciado{Turno: tarde, En: nueve.Add(time.Hour)})
		tercero  = efectivo.Decider.Fold(volvio, efectivo.TurnoFinalizado{Turno: tarde, En: nueve.Add(2 * time.Hour)}, efectivo.TurnoIniciado{Turno: "t3", En: nueve.Add(3 * time.Hour)})
		enPlaza  = efectivo.Marcador{Fix: fix(ocho.Add(10*min), obelisco), Hay: true}
		sinMarca efectivo.Marcador
		nulo     = geo.Punto{} // where a device that knows nothing says it is
		errada   = efectivo.Marcador{Fix: fix(ocho.Add(10*min), nulo), Hay: true}
		salto    = func(seconds int, p geo.Punto) efectivo.Fix {
			return fix(errada.En.Add(time.Duration(seconds)*time.Second), p)
		}
		una       = errada.Con(salto(10, obelisco), true)
		dos       = una.Con(salto(20, norte(100)), true)
		distintas = una.Con(salto(20, norte(50_000)), true)
	)
	con := func(f efectivo.Fix, precision float64) efectivo.Fix {
		f.Precision = precision
		return f
	}
	for _, c := range []struct {
		name     string
		s        efectivo.State
		f        efectivo.Fix
		recibido time.Time
		m        efectivo.Marcador
		repetida bool
		want     efectivo.Recepcion
	}{
		{"on duty", trabaja, fix(nueve, obelisco), nueve, sinMarca, false, efectivo.Recepcion{}},
		{"nobody", efectivo.State{}, fix(nueve, obelisco), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"never on duty", efectivo.Decider.Fold(efectivo.State{}, registrado), fix(nueve, obelisco), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"off duty, from the shift", termino, fix(ocho.Add(min), obelisco), nueve.Add(min), sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"two minutes before the shift", trabaja, fix(ocho.Add(-2*min), obelisco), ocho, sinMarca, false, efectivo.Recepcion{}},
		{"longer before the shift", trabaja, fix(ocho.Add(-2*min-1), obelisco), ocho, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"late, from the shift before", volvio, fix(ocho.Add(30*min), obelisco), nueve.Add(90 * min), sinMarca, false, efectivo.Recepcion{}},
		{"two minutes after the shift before", volvio, fix(nueve.Add(2*min), obelisco), nueve.Add(90 * min), sinMarca, false, efectivo.Recepcion{}},
		{"between shifts", volvio, fix(nueve.Add(30*min), obelisco), nueve.Add(90 * min), sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"two shifts ago", tercero, fix(ocho.Add(30*min), obelisco), nueve.Add(200 * min), sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.FueraDeTurno}},
		{"two minutes ahead", trabaja, fix(nueve.Add(2*min), obelisco), nueve, sinMarca, false, efectivo.Recepcion{}},
		{"further ahead", trabaja, fix(nueve.Add(2*min+1), obelisco), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.Futura}},
		{"an hour late is taken", trabaja, fix(ocho, obelisco), nueve, sinMarca, false, efectivo.Recepcion{}},
		{"taken already", trabaja, fix(nueve, obelisco), nueve, sinMarca, true, efectivo.Recepcion{Rechazada: efectivo.Duplicada}},
		{"without its place or its time", trabaja, efectivo.Fix{Incompleto: true}, nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.Incompleta}},
		{"off the Earth", trabaja, fix(nueve, geo.Punto{Lat: 90.5}), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.CoordenadaInvalida}},
		{"not a number", trabaja, fix(nueve, geo.Punto{Lat: math.NaN(), Lon: 1}), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.CoordenadaInvalida}},
		{"infinite", trabaja, fix(nueve, geo.Punto{Lat: 1, Lon: math.Inf(-1)}), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.CoordenadaInvalida}},
		{"precision below nothing", trabaja, con(fix(nueve, obelisco), -1), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.PrecisionInvalida}},
		{"precision of 100 km", trabaja, con(fix(nueve, obelisco), 100_000), nueve, sinMarca, false, efectivo.Recepcion{}},
		{"precision beyond", trabaja, con(fix(nueve, obelisco), 100_001), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.PrecisionInvalida}},
		{"precision not a number", trabaja, con(fix(nueve, obelisco), math.NaN()), nueve, sinMarca, false, efectivo.Recepcion{Rechazada: efectivo.PrecisionInvalida}},
		{"89 m in a second", trabaja, fix(enPlaza.En.Add(time.Second), norte(89)), nueve, enPlaza, false, efectivo.Recepcion{}},
		{"91 m in a second", trabaja, fix(enPlaza.En.Add(time.Second), norte(91)), nueve, enPlaza, false, efectivo.Recepcion{Marcada: true}},
		{"91 m in a second, 5 m unsure", trabaja, con(fix(enPlaza.En.Add(time.Second), norte(91)), 5), nueve, enPlaza, false, efectivo.Recepcion{}},
		{"a late one too fast for the marker", trabaja, fix(enPlaza.En.Add(-time.Second), norte(500)), nueve, enPlaza, false, efectivo.Recepcion{Marcada: true}},
		{"the first after a wrong one", trabaja, salto(10, obelisco), nueve, errada, false, efectivo.Recepcion{Marcada: true}},
		{"the second after a wrong one", trabaja, salto(20, norte(100)), nueve, una, false, efectivo.Recepcion{Marcada: true}},
		{"the third that agrees is believed", trabaja, salto(30, norte(200)), nueve, dos, false, efectivo.Recepcion{}},
		{"the third that does not agree", trabaja, salto(30, norte(50_000)), nueve, dos, false, efectivo.Recepcion{Marcada: true}},
		{"the third after two that do not agree", trabaja, salto(30, norte(50_000)), nueve, distintas, false, efectivo.Recepcion{Marcada: true}},
		{"one between the two", trabaja, salto(15, norte(50)), nueve, dos, false, efectivo.Recepcion{Marcada: true}},
		{"the first one cannot be too fast", trabaja, fix(nueve, norte(1e6)), nueve, sinMarca, false, efectivo.Recepcion{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.s.Recibir(c.f, c.recibido, c.m, c.repetida); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// A simulated Efectivo moves Aceleracion times faster than the clock.
func TestRecibirSimulado(t *testing.T) {
	t.Parallel()
	simulado := registrado
	simulado.Simulado, simulado.Aceleracion = true, 600
	s := efectivo.Decider.Fold(efectivo.State{}, simulado, deTurno)
	m := efectivo.Marcador{Fix: fix(nueve, obelisco), Hay: true}
	if got := s.Recibir(fix(nueve.Add(time.Second), norte(600*89)), nueve, m, false); got != (efectivo.Recepcion{}) {
		t.Errorf("600 x 89 m/s: %+v", got)
	}
	if got := s.Recibir(fix(nueve.Add(time.Second), norte(600*91)), nueve, m, false); !got.Marcada {
		t.Errorf("600 x 91 m/s: %+v", got)
	}
}

// The marker is what is stored, whatever the order in which it is told and however often: the
// newest fix that was believed, and the two newest after it that were not.
func TestMarcadorCon(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flagged := rapid.SliceOfN(rapid.Bool(), 1, 12).Draw(t, "flagged") // by device time
		told := rapid.Permutation(slices.Repeat(numbers(len(flagged)), 2)).Draw(t, "told")
		var m efectivo.Marcador
		for _, i := range told {
			m = m.Con(fix(ocho.Add(time.Duration(i)*time.Second), norte(float64(i))), flagged[i])
		}
		newest := -1
		for i, jump := range flagged {
			if !jump {
				newest = i
			}
		}
		if m.Hay != (newest >= 0) || m.Hay && !m.En.Equal(ocho.Add(time.Duration(newest)*time.Second)) {
			t.Fatalf("the marker is at %s, want that of second %d", m.En, newest)
		}
		want := numbers(len(flagged))[newest+1:]
		want = want[max(0, len(want)-efectivo.SaltosCreidos):]
		var got []int
		for _, s := range m.Saltos {
			got = append(got, int(s.En.Sub(ocho)/time.Second))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("jumps at %v, want %v", got, want)
		}
	})
}

func numbers(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// What is stored was on duty, on the Earth, not from the future and new; what
// is flagged is stored; nothing panics whatever a device sends.
func TestRecibirPropiedades(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := efectivo.Decider.Fold(efectivo.State{}, registrado)
		var (
			at     = ocho
			shifts [][2]time.Time
		)
		for range rapid.IntRange(0, 4).Draw(t, "shifts") {
			at = at.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "rest")) * time.Second)
			s = efectivo.Evolve(s, efectivo.TurnoIniciado{Turno: "t", En: at})
			from := at
			at = at.Add(time.Duration(rapid.IntRange(0, 36_000).Draw(t, "work")) * time.Second)
			s = efectivo.Evolve(s, efectivo.TurnoFinalizado{Turno: "t", En: at})
			shifts = append(shifts, [2]time.Time{from, at})
		}
		open := rapid.Bool().Draw(t, "open")
		if open {
			s = efectivo.Evolve(s, efectivo.TurnoIniciado{Turno: "t", En: at})
			shifts = append(shifts, [2]time.Time{at, at.AddDate(100, 0, 0)})
		}
		number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-200, 200), rapid.Just(math.NaN()), rapid.Just(math.Inf(1)))
		f := efectivo.Fix{
			Punto:     geo.Punto{Lat: number.Draw(t, "lat"), Lon: number.Draw(t, "lon")},
			En:        ocho.Add(time.Duration(rapid.IntRange(-1000, 200_000).Draw(t, "en")) * time.Second),
			Precision: number.Draw(t, "precision"),
		}
		m := efectivo.Marcador{Fix: fix(at, obelisco), Hay: rapid.Bool().Draw(t, "marker")}
		recibido := ocho.Add(time.Duration(rapid.IntRange(0, 200_000).Draw(t, "received")) * time.Second)
		repeated := rapid.Bool().Draw(t, "repeated")

		got := s.Recibir(f, recibido, m, repeated)
		if got != s.Recibir(f, recibido, m, repeated) {
			t.Fatal("the verdict is not a function")
		}
		if got.Rechazada != "" {
			if got.Marcada {
				t.Fatal("refused and flagged")
			}
			return
		}
		within := false
		for _, shift := range shifts {
			within = within || !f.En.Before(shift[0].Add(-2*time.Minute)) && !f.En.After(shift[1].Add(2*time.Minute))
		}
		if !open || !within || !f.Valido() || f.En.After(recibido.Add(2*time.Minute)) || repeated || !(f.Precision >= 0) {
			t.Fatalf("stored %+v (on duty %v, within a shift %v)", f, open, within)
		}
	})
}

// Whatever orders come in whatever sequence: he is bound to a Tarea at most
// once, is never free while bound, and is free to be given only on duty.
func TestEfectivoPropiedades(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := efectivo.Decider.Fold(efectivo.State{}, registrado)
		bound := map[string]bool{}
		for i := range rapid.IntRange(1, 40).Draw(t, "orders") {
			o := orden(supervisora, ocho.Add(time.Duration(i)*time.Minute))
			task := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "tarea")
			force := rapid.Bool().Draw(t, "force")
			cmd := rapid.SampledFrom([]efectivo.Command{
				efectivo.IniciarTurno{Orden: o, Turno: turno},
				efectivo.FinalizarTurno{Orden: o, Forzar: force},
				efectivo.CambiarDisponibilidad{Orden: o, Disponibilidad: efectivo.Disponible},
				efectivo.CambiarDisponibilidad{Orden: o, Disponibilidad: efectivo.NoDisponible},
				efectivo.Ocupar{Orden: o, Tarea: ident.Tarea(task), Forzar: force},
				efectivo.Desocupar{Orden: o, Tarea: ident.Tarea(task)},
			}).Draw(t, "order")
			wasFree := s.EnTurno() && s.Disponibilidad() == efectivo.Disponible
			events, err := efectivo.Decide(s, cmd)
			if err != nil {
				continue
			}
			switch c := cmd.(type) {
			case efectivo.Ocupar:
				if len(events) > 0 && !wasFree && !c.Forzar {
					t.Fatalf("taken while not free: %+v", events)
				}
				bound[task] = true
			case efectivo.Desocupar:
				delete(bound, task)
			case efectivo.Registrar, efectivo.ModificarFicha, efectivo.IniciarTurno, efectivo.FinalizarTurno,
				efectivo.CambiarDisponibilidad, efectivo.AbandonarZona, efectivo.IngresarZona, efectivo.ActivarSOS, efectivo.AtenderSOS,
				efectivo.SolicitarLicencia, efectivo.AprobarLicencia, efectivo.RechazarLicencia, efectivo.ComenzarLicencia,
				efectivo.TerminarLicencia, efectivo.ConfirmarUbicacion, efectivo.PerderSenal, efectivo.RecuperarSenal, efectivo.DarDeBaja:
			}
			s = efectivo.Decider.Fold(s, events...)
			if again, err := efectivo.Decide(s, cmd); err == nil && len(again) > 0 {
				t.Fatalf("%T twice happens twice: %+v", cmd, again)
			}
			if s.Disponibilidad() == efectivo.Disponible && (len(bound) > 0 || !s.EnTurno()) {
				t.Fatalf("disponible with %d Tareas, on duty %v", len(bound), s.EnTurno())
			}
		}
	})
}
