package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/estadisticas"
)

// benchGeoCommand measures the questions of the read models, below HTTP.
func benchGeoCommand() *cobra.Command {
	var o scale
	c := &cobra.Command{
		Use:   "geo",
		Short: "Mide listas, búsquedas, cercanos, mapa, recorridos y estadísticas con mucho cargado",
		Long: `Carga una ciudad inventada en servidores privados durables (por defecto 100.000 tareas,
10.000 efectivos y 10 millones de posiciones, unos minutos) y mide cada pregunta sobre
los modelos de lectura, las estadísticas en frío y desde Redis. Al lado, su vara.`,
		Example: "  gad bench geo\n  gad bench geo --tareas 10000 --posiciones 500000 --json\n  gad bench geo --data /var/tmp/ciudad --strict",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []bench.Answered
			err := o.run(cmd, nil, func(s *system, _ string) error {
				sample, err := bench.Draw(cmd.Context(), s.pool)
				if err != nil {
					return err
				}
				r := bench.Readers{
					Tareas: s.reads.tareas, Efectivos: s.reads.efectivos, Mapa: s.reads.mapa,
					Cold: estadisticas.NewReader(s.pool, cache.New(nil), s.zone, time.Now).Patient(s.settings.DatabaseReport), Cached: s.reads.estadisticas,
				}
				o.asking.Progress = stepProgress(cmd)
				return o.profiled(func() (err error) {
					all, err = bench.Ask(cmd.Context(), o.chosen(bench.Questions(r, sample)), o.asking)
					return err
				})
			})
			if err != nil {
				return err
			}
			return o.show(cmd, all)
		},
	}
	o.flags(c)
	return c
}
