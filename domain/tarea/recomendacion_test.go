package tarea_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

func TestRecomendar(t *testing.T) {
	t.Parallel()
	k := tarea.CriteriosPorDefecto()
	cerca, igual, descansado, lejos := aspirante("a", 10), aspirante("b", 500), aspirante("c", 500), aspirante("d", 500)
	igual.Carga, descansado.DescansoS = 1, 60
	ocupado, franco, licencia, retirado := aspirante("e", 1), aspirante("f", 1), aspirante("g", 1), aspirante("h", 1)
	ocupado.Disponibilidad, franco.EnTurno, licencia.Disponibilidad, retirado.Disponibilidad = "en_tarea", false, "en_licencia", "no_disponible"
	vieja, sin, afuera := aspirante("i", 1), aspirante("j", 1), aspirante("k", 50_000.006)
	echado := aspirante("l", 1)
	echado.SinAcceso, franco.SinAcceso = true, true
	vieja.AntiguedadS, sin.AntiguedadS, sin.DistanciaM = new(600.1), nil, nil
	r, _ := tarea.Recomendar(k, []tarea.Aspirante{lejos, ocupado, igual, afuera, franco, cerca, licencia, sin, descansado, vieja, retirado, echado}, nil)

	if got := fmt.Sprint(r.Efectivos()); got != "[a c d b]" {
		t.Errorf("ranking %s", got)
	}
	var gana []tarea.Criterio
	for _, c := range r.Candidatos {
		gana = append(gana, c.Gana)
	}
	if want := []tarea.Criterio{tarea.PorDistancia, tarea.PorDescanso, tarea.PorCarga, tarea.PorUltimo}; !slices.Equal(gana, want) {
		t.Errorf("decided by %v, want %v", gana, want)
	}
	if c := r.Candidatos[0]; c.EtaS != 2 || c.Puntaje != 99.98 {
		t.Errorf("eta %v, score %v", c.EtaS, c.Puntaje)
	}
	causas := map[ident.Efectivo]tarea.Exclusion{}
	for _, d := range r.Descartados {
		causas[d.Efectivo] = d.Causa
	}
	want := map[ident.Efectivo]tarea.Exclusion{
		"e": tarea.Ocupado, "f": tarea.FueraDeTurno, "g": tarea.EnLicencia, "h": tarea.NoDisponible,
		"i": tarea.PosicionVieja, "j": tarea.SinPosicion, "k": tarea.DemasiadoLejos, "l": tarea.SinAcceso,
	}
	if !reflect.DeepEqual(causas, want) {
		t.Errorf("excluded %v, want %v", causas, want)
	}
	if len(r.Exclusiones) != 8 {
		t.Errorf("counts %v", r.Exclusiones)
	}
}

// What is kept of a ranking gives the same ranking again, whatever was left out of it.
func TestRecalcular(t *testing.T) {
	t.Parallel()
	situaciones := []tarea.Situacion{"disponible", "disponible", "disponible", "en_tarea", "no_disponible", "en_licencia", "fuera_servicio"}
	persona := rapid.Custom(func(t *rapid.T) tarea.Aspirante {
		a := aspirante(ident.Efectivo(rapid.StringMatching("[0-9a-f]{8}").Draw(t, "id")), rapid.Float64Range(0, 60_000).Draw(t, "m"))
		a.Disponibilidad = rapid.SampledFrom(situaciones).Draw(t, "disponibilidad")
		a.EnTurno = rapid.IntRange(0, 5).Draw(t, "turno") > 0
		a.AntiguedadS = new(rapid.Float64Range(0, 800).Draw(t, "s"))
		a.Carga, a.DescansoS = rapid.IntRange(0, 3).Draw(t, "carga"), rapid.Float64Range(0, 1e5).Draw(t, "descanso")
		return a
	})
	rapid.Check(t, func(t *rapid.T) {
		personas := rapid.SliceOfNDistinct(persona, 0, 60, func(a tarea.Aspirante) ident.Efectivo { return a.Efectivo }).Draw(t, "personas")
		resto := map[tarea.Exclusion]int{tarea.FueraDeTurno: rapid.IntRange(0, 9000).Draw(t, "resto")}
		r, siguientes := tarea.Recomendar(tarea.CriteriosPorDefecto(), personas, resto)
		if again := r.Recalcular(); !reflect.DeepEqual(r, again) || !r.Igual(again) {
			t.Fatalf("was   %+v\nis now %+v", r, again)
		}
		if len(siguientes) != r.Mas {
			t.Fatalf("%d come after, %d are counted", len(siguientes), r.Mas)
		}
		total := len(r.Candidatos) + r.Mas
		for _, c := range r.Exclusiones {
			total += c.Cantidad
		}
		if total != len(personas)+resto[tarea.FueraDeTurno] {
			t.Fatalf("%d of %d are accounted for", total, len(personas)+resto[tarea.FueraDeTurno])
		}
		slices.Reverse(personas)
		if other, _ := tarea.Recomendar(tarea.CriteriosPorDefecto(), personas, resto); !reflect.DeepEqual(r, other) {
			t.Fatal("the order in which they come matters")
		}
		if !slices.IsSortedFunc(r.Candidatos, func(a, b tarea.Candidato) int { return int(*a.DistanciaM*100) - int(*b.DistanciaM*100) }) {
			t.Fatal("not by distance")
		}
	})
}
