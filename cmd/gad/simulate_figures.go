package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// simFigures are the system's own statistics after a run. They are of everything that is in
// the system, not of this run alone, and of the real clock.
type simFigures struct {
	Tareas    map[string]int64 `json:"tareas"`
	Efectivos map[string]int64 `json:"efectivos"`
}

// figures asks the system for its statistics.
func (s *simulation) figures(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.desk.do(ctx, http.MethodGet, "/estadisticas/resumen", nil, &s.stats.Sistema); err != nil {
		s.stats.failed(err)
	}
}

func (f simFigures) print(w io.Writer) error {
	line := func(m map[string]int64) (out string) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			out += fmt.Sprintf(" %s %d", k, m[k])
		}
		return out
	}
	_, err := fmt.Fprintf(w, "estadísticas del sistema\n  tareas       %s\n  efectivos    %s\n", line(f.Tareas), line(f.Efectivos))
	return err
}
