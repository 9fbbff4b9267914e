package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestBenchmarksMeasure: each benchmark runs to its end on servers of its own and counts what
// it did. How fast that was is nobody's business here: tests do not time.
func TestBenchmarksMeasure(t *testing.T) {
	t.Parallel()
	measure := func(t *testing.T, command string, into any) {
		t.Helper()
		var out, says bytes.Buffer
		root := rootCommand()
		if code := runRoot(t.Context(), root, append(strings.Fields(command), "--json"), &out, &says); code != 0 {
			t.Fatalf("gad %s exits with %d: %s", command, code, says.String())
		}
		if err := json.Unmarshal(out.Bytes(), into); err != nil {
			t.Fatalf("gad %s: %v\n%s", command, err, out.String())
		}
	}
	t.Run("append", func(t *testing.T) {
		t.Parallel()
		var got struct {
			Events int `json:"events_in_log"`
			Cells  []struct {
				Kind      string  `json:"kind"`
				InFlight  int     `json:"in_flight"`
				PerSecond float64 `json:"events_per_second"`
			} `json:"cells"`
		}
		measure(t, "bench append --cell 500ms --fill 2000 --rounds 1", &got)
		appends := map[int]bool{}
		for _, c := range got.Cells {
			appends[c.InFlight] = appends[c.InFlight] || c.Kind == "append" && c.PerSecond > 0
		}
		if got.Events < 2000 || !appends[1] || !appends[8] || !appends[64] || !appends[512] {
			t.Errorf("measured %+v", got)
		}
	})
	t.Run("rebuild", func(t *testing.T) {
		t.Parallel()
		var got struct {
			Models []struct {
				Name string `json:"nombre"`
				Rows int    `json:"filas"`
				Same bool   `json:"mismo_resumen_criptografico"`
			} `json:"modelos"`
		}
		measure(t, "bench rebuild --efectivos 5 --events 400", &got)
		rows := 0
		for _, m := range got.Models {
			rows += m.Rows
			if !m.Same {
				t.Errorf("%s rebuilt is another table", m.Name)
			}
		}
		if rows == 0 {
			t.Errorf("no model has a row: %+v", got)
		}
	})
	t.Run("e2e", func(t *testing.T) {
		t.Parallel()
		var got struct{ Orders, Failed, Frames, Missing, Holes int }
		measure(t, "bench e2e --clients 3 --rate 20 --duration 500ms --patience 1m", &got)
		if got.Orders == 0 || got.Frames != 3*got.Orders || got.Failed+got.Missing+got.Holes != 0 {
			t.Errorf("measured %+v", got)
		}
	})
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		var got []struct {
			Group string `json:"grupo"`
			N     int    `json:"n"`
		}
		measure(t, "bench http --efectivos 50 --tareas 100 --posiciones 1000 --dias 2 --veces 2 --ritmo 200 --lote 10 --toma 500ms", &got)
		groups := map[string]int{}
		for _, q := range got {
			groups[q.Group] += q.N
		}
		if len(groups) < 4 || groups["tareas"] == 0 {
			t.Errorf("asked %v", groups)
		}
	})
}
