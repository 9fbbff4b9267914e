package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/domain/permiso"
)

type simulateOptions struct {
	calls, zones, recenter, baseURL, credentials, zone string
	speed                                              float64
	days                                               int
	limit, service                                     time.Duration
	seed                                               uint64
	json                                               bool
}

func simulateCommand() *cobra.Command {
	var o simulateOptions
	c := &cobra.Command{
		Use:   "simulate [recorridos...]",
		Short: "Conduce un sistema en marcha con datos reales, por su API pública",
		Long: `Conduce un sistema en marcha por su API pública, como lo haría otro programa.

Los recorridos (lat lon ocupado unix_time por línea, .gz o no) se cortan por día a
las 04:00 locales: cada día es un efectivo simulado, de turno, que informa sus
posiciones; un hueco de más de dos horas termina un turno y empieza otro. Las llamadas
(CSV: lat, lon, clase, momento, ...) se vuelven tareas a su ritmo. Las graves son
emergencias, que el sistema ofrece a quien recomienda; para las demás se asigna el
disponible más cercano; algunas de las que pueden esperar se programan para una hora
después. Quien va deja su recorrido, anda en línea recta a la velocidad a la que suele,
llega a 75 m, trabaja y vuelve. Algunos rechazan o no contestan, no avisan que llegaron,
hacen una pausa, pierden la señal, piden auxilio (SOS) o salen de licencia. Cada tarea
lleva la zona de su lugar; unas zonas alarman cuando alguien entra, otras cuando sale y
otras cuando quedan una hora vacías. El reloj de las posiciones es el real; el movimiento
es --speed veces más rápido.

El resumen dice qué hizo la simulación, qué dicen las estadísticas del sistema y qué quedó
en su registro: zonas, llegadas, señal, recordatorios, ofertas y SOS.

Los días de llamadas que están lejos entre sí se ponen uno detrás del otro. Sin
archivos, la entrada se inventa (siempre igual con la misma --seed). Las líneas
ilegibles se informan y se saltean.

Al terminar, también con --max-duration o Ctrl-C, cierra lo que dejaría abierto: finaliza lo
que está en pleno trabajo, cancela lo que no empezó y termina cada turno; tarda un minuto como
mucho, y después muestra el resumen. Si algo no se pudo cerrar, lo nombra y el código de salida
es 1. Un segundo Ctrl-C corta ya, sin cerrar nada.`,
		Example: `  gad simulate --calls llamadas.csv.gz --recenter=-34.6037,-58.3816 --speed 600 cab_*.txt.gz
  gad simulate --zonas barrios.geojson.gz --speed 60 --max-duration 2m
  gad simulate --json --calls llamadas.csv cab_1.txt > resumen.json`,
		RunE: func(cmd *cobra.Command, tracks []string) error { return simulate(cmd, o, tracks) },
	}
	f := c.Flags()
	f.StringVar(&o.calls, "calls", "", "archivo de llamadas; sin él se inventan")
	f.StringVar(&o.zones, "zonas", "", "archivo GeoJSON con polígonos (propiedad nombre), que se definen como zonas")
	f.Float64Var(&o.speed, "speed", 60, "cuántas veces más rápido que el reloj, de 1 a 10000")
	f.StringVar(&o.recenter, "recenter", "", "LAT,LON adonde llevar llamadas y recorridos")
	f.StringVar(&o.baseURL, "base-url", "http://127.0.0.1:8080", "el sistema")
	f.StringVar(&o.credentials, "credentials", "", "archivo de credenciales (por omisión, dev-credentials.json en --data)")
	f.StringVar(&o.zone, "track-zone", "America/Los_Angeles", "zona horaria en la que se cortan los recorridos por día")
	f.IntVar(&o.days, "days", 1, "cuántos días simular; los recorridos se repiten cada día")
	f.DurationVar(&o.limit, "max-duration", 0, "termina la corrida después de este tiempo real; 0 es hasta el final de los datos")
	f.DurationVar(&o.service, "service-time", 15*time.Minute, "mediana del trabajo en el lugar, en tiempo simulado")
	f.Uint64Var(&o.seed, "seed", 1, "semilla de lo inventado")
	f.BoolVar(&o.json, "json", false, "resumen en JSON")
	return c
}

func simulate(cmd *cobra.Command, o simulateOptions, files []string) error {
	if !(o.speed >= 1 && o.speed <= 10_000) || o.days < 1 || o.service <= 0 {
		return usageError{errors.New("--speed va de 1 a 10000, --days desde 1 y --service-time es positivo")}
	}
	in, err := readInput(o, files)
	if err != nil {
		return err
	}
	for i, bad := range in.bad {
		if i == 20 {
			cmd.PrintErrf("y %d líneas ilegibles más\n", len(in.bad)-i)
			break
		}
		cmd.PrintErrln("se saltea", bad)
	}
	units, desk, audit, err := simulateCredentials(cmd, o)
	if err != nil {
		return err
	}

	ctx := cmd.Context()
	began := time.Now()
	s := newSimulation(newSimClient(o.baseURL, units), newSimClient(o.baseURL, desk), o.speed, o.service)
	s.audit = newSimClient(o.baseURL, audit)
	s.script = &simScript{plans: true}
	s.stats.LineasMalas = len(in.bad)
	if err := s.define(ctx, watched(in.zones)); err != nil {
		return err
	}
	// A run has names of its own: it can be repeated on the same system.
	run := strings.ToUpper(strconv.FormatInt(time.Now().UnixMilli(), 36))
	if err := s.enlist(ctx, run, in.tracks, o.days); err != nil {
		return err
	}
	end := time.Duration(o.days) * daySpan
	calls := slices.DeleteFunc(in.calls, func(c simCall) bool { return c.at >= end })
	s.stats.Fuera = len(in.calls) - len(calls)

	if o.limit > 0 { // of the run: what is made ready before it has its own time
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	s.parting = simParting
	s.runWatched(ctx, cmd, end, calls)
	s.stats.count(func(st *simStats) { st.Interrumpida = cmd.Context().Err() != nil })
	s.figures(cmd.Context(), began)
	return errors.Join(s.stats.print(cmd.OutOrStdout(), o.json, o.speed), s.stats.Quedaron.err())
}

// runWatched is run with its progress said: how far the simulated clock is, and then how much of
// what was open is ended.
func (s *simulation) runWatched(ctx context.Context, cmd *cobra.Command, end time.Duration, calls []simCall) {
	bar := newProgress(cmd, "simulando", int64(end/time.Minute))
	watching, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	s.start = time.Now()
	go func() {
		defer close(done)
		for ticker := time.NewTicker(250 * time.Millisecond); ; {
			select {
			case <-watching.Done():
				ticker.Stop()
				bar.done()
				if cmd.Context().Err() != nil {
					cmd.PrintErrln("se interrumpe: se oye lo que está pedido y se cierra lo que está abierto; otro Ctrl-C corta ya y deja todo como esté")
				}
				return
			case <-ticker.C:
				bar.set(min(int64(s.now()/time.Minute), int64(end/time.Minute)))
			}
		}
	}()
	finish := func() {
		stop()
		<-done
	}
	var closing progress
	s.parts = func(tareas, turnos int) func(int64) {
		finish()
		cmd.PrintErrf("se cierran %d tareas y %d turnos que quedaron abiertos, en %s como mucho\n", tareas, turnos, s.parting)
		closing = newProgress(cmd, "cerrando", int64(tareas+turnos))
		return closing.set
	}
	s.run(ctx, 0, slices.Values(calls))
	finish()
	if closing.bar != nil {
		closing.done()
	}
}

// simulateCredentials reads who drives, and who reads the log afterwards: an auditor; where there
// is none, the administrator.
func simulateCredentials(cmd *cobra.Command, o simulateOptions) (units, desk, audit credential, err error) {
	file := o.credentials
	if file == "" {
		data, err := cmd.Flags().GetString("data")
		if err != nil {
			return units, desk, audit, err
		}
		file = filepath.Join(data, "dev-credentials.json")
	}
	all, err := readCredentials(file)
	if err != nil {
		return units, desk, audit, err
	}
	if units, desk, err = drivers(all, file); err != nil {
		return units, desk, audit, err
	}
	audit, _ = all.of(permiso.Administrador)
	if who, ok := all.of(permiso.Auditor); ok {
		audit = who
	}
	return units, desk, audit, nil
}

// drivers returns who speaks for the units, the user of rol servicio, and who commands them,
// a supervisor; where there is none, the administrator.
func drivers(all credentials, file string) (units, desk credential, err error) {
	admin, _ := all.of(permiso.Administrador)
	if units = admin; units.Email == "" {
		return units, desk, fmt.Errorf("%s no tiene un usuario administrador; ¿está en marcha gad dev?", file)
	}
	desk = admin
	if who, ok := all.of(permiso.Servicio); ok {
		units = who
	}
	if who, ok := all.of(permiso.Supervisor); ok {
		desk = who
	}
	return units, desk, nil
}
