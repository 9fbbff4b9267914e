package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
)

type simulateOptions struct {
	calls, recenter, baseURL, credentials, zone string
	speed                                       float64
	days                                        int
	limit, service                              time.Duration
	seed                                        uint64
	json                                        bool
}

// obelisco is where invented input happens.
var obelisco = geo.Punto{Lat: -34.6037, Lon: -58.3816}

func simulateCommand() *cobra.Command {
	var o simulateOptions
	c := &cobra.Command{
		Use:   "simulate [recorridos...]",
		Short: "Conduce un sistema en marcha con datos reales, por su API pública",
		Long: `Conduce un sistema en marcha por su API pública, como lo haría otro programa.

Los recorridos (lat lon ocupado unix_time por línea, .gz o no) se cortan por día a
las 04:00 locales: cada día es un efectivo simulado, de turno, que informa sus
posiciones. Las llamadas (CSV: lat, lon, clase, momento, ...) se vuelven tareas a su
ritmo; se asigna el efectivo disponible más cercano, que deja su recorrido, va en
línea recta a la velocidad a la que suele andar, llega a 75 m, trabaja y vuelve. El
reloj de las posiciones es el real; el movimiento es --speed veces más rápido.

Los días de llamadas que están lejos entre sí se ponen uno detrás del otro. Sin
archivos, la entrada se inventa (siempre igual con la misma --seed). Las líneas
ilegibles se informan y se saltean. Ctrl-C termina y muestra el resumen.`,
		Example: `  gad simulate --calls llamadas.csv.gz --recenter=-34.6037,-58.3816 --speed 600 cab_*.txt.gz
  gad simulate --speed 60 --max-duration 2m
  gad simulate --json --calls llamadas.csv cab_1.txt > resumen.json`,
		RunE: func(cmd *cobra.Command, tracks []string) error { return simulate(cmd, o, tracks) },
	}
	f := c.Flags()
	f.StringVar(&o.calls, "calls", "", "archivo de llamadas; sin él se inventan")
	f.Float64Var(&o.speed, "speed", 60, "cuántas veces más rápido que el reloj, de 1 a 10000")
	f.StringVar(&o.recenter, "recenter", "", "LAT,LON adonde llevar llamadas y recorridos")
	f.StringVar(&o.baseURL, "base-url", "http://127.0.0.1:8080", "el sistema")
	f.StringVar(&o.credentials, "credentials", "", "archivo de credenciales (por omisión, dev-credentials.json en --data)")
	f.StringVar(&o.zone, "track-zone", "America/Los_Angeles", "zona horaria en la que se cortan los recorridos por día")
	f.IntVar(&o.days, "days", 1, "cuántos días simular; los recorridos se repiten cada día")
	f.DurationVar(&o.limit, "max-duration", 0, "termina después de este tiempo real; 0 es hasta el final de los datos")
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
	who, err := simulateCredential(cmd, o)
	if err != nil {
		return err
	}

	ctx := cmd.Context()
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	s := newSimulation(newSimClient(o.baseURL, who), o.speed, o.service)
	s.stats.LineasMalas = len(in.bad)
	// A run has names of its own: it can be repeated on the same system.
	run := strings.ToUpper(strconv.FormatInt(time.Now().UnixMilli(), 36))
	if err := s.enlist(ctx, run, in.tracks, o.days); err != nil {
		return err
	}
	end := time.Duration(o.days) * daySpan
	calls := slices.DeleteFunc(in.calls, func(c simCall) bool { return c.at >= end })
	s.stats.Fuera = len(in.calls) - len(calls)

	bar := newProgress(cmd, "simulando", int64(end/time.Minute))
	watching, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ticker := time.NewTicker(250 * time.Millisecond); ; {
			select {
			case <-watching.Done():
				ticker.Stop()
				return
			case <-ticker.C:
				bar.set(min(int64(s.now()/time.Minute), int64(end/time.Minute)))
			}
		}
	}()
	s.start, s.origin = time.Now(), 0
	s.run(ctx, 0, slices.Values(calls))
	stop()
	<-done
	bar.done()
	s.stats.count(func(st *simStats) { st.Interrumpida = cmd.Context().Err() != nil })
	return s.stats.print(cmd.OutOrStdout(), o.json)
}

type simInput struct {
	calls  []simCall
	tracks []simTrack
	bad    []badLine
}

// readInput reads what there is and invents the rest.
func readInput(o simulateOptions, files []string) (in simInput, err error) {
	var to *geo.Punto
	if o.recenter != "" {
		lat, lon, ok := strings.Cut(o.recenter, ",")
		p, err := parsePoint(lat, lon)
		if !ok || err != nil {
			return in, usageError{fmt.Errorf("--recenter es LAT,LON: %q", o.recenter)}
		}
		to = &p
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return in, usageError{fmt.Errorf("--track-zone: %w", err)}
	}
	if o.calls != "" {
		calls, _, bad, err := readCalls(o.calls)
		if err != nil {
			return in, err
		}
		if len(calls) == 0 {
			return in, fmt.Errorf("%s no tiene ninguna llamada legible (%d líneas ilegibles)", filepath.Base(o.calls), len(bad))
		}
		in.calls, in.bad = calls, bad
	}
	for _, file := range files {
		tracks, bad, err := readTracks(file, zone)
		if err != nil {
			return in, err
		}
		in.tracks, in.bad = append(in.tracks, tracks...), append(in.bad, bad...)
	}
	if len(files) > 0 && len(in.tracks) == 0 {
		return in, fmt.Errorf("los recorridos no tienen ningún día completo (%d líneas ilegibles)", len(in.bad))
	}
	if to != nil {
		recenter(in.calls, in.tracks, *to)
	}
	around := obelisco
	switch {
	case to != nil:
		around = *to
	case len(in.calls) > 0:
		around = callsMiddle(in.calls)
	case len(in.tracks) > 0:
		around = in.tracks[0].fixes[0].Punto
	}
	chance := rand.New(rand.NewPCG(o.seed, 1)) //nolint:gosec // repeatable on purpose
	if len(in.tracks) == 0 {
		in.tracks = inventTracks(chance, 60, around, 6_000)
	}
	if len(in.calls) == 0 {
		for day := range o.days {
			for _, c := range inventCalls(chance, 80, around, 6_000) {
				c.at += time.Duration(day) * daySpan
				in.calls = append(in.calls, c)
			}
		}
	}
	return in, nil
}

func callsMiddle(calls []simCall) geo.Punto {
	points := make([]geo.Punto, len(calls))
	for i, c := range calls {
		points[i] = c.Punto
	}
	return middle(points)
}

// simulateCredential reads who drives: the user of rol servicio, else the administrator.
func simulateCredential(cmd *cobra.Command, o simulateOptions) (credential, error) {
	file := o.credentials
	if file == "" {
		data, err := cmd.Flags().GetString("data")
		if err != nil {
			return credential{}, err
		}
		file = filepath.Join(data, "dev-credentials.json")
	}
	all, err := readCredentials(file)
	if err != nil {
		return credential{}, err
	}
	return driver(all, file)
}

func driver(all credentials, file string) (credential, error) {
	for _, rol := range []permiso.Rol{permiso.Servicio, permiso.Administrador} {
		if who, ok := all.of(rol); ok {
			return who, nil
		}
	}
	return credential{}, fmt.Errorf("%s no tiene un usuario servicio ni administrador; ¿está en marcha gad dev?", file)
}
