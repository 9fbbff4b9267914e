package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/bench"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/mapa"
)

// scale is what the measurements of questions have in common: a city of some size, loaded
// once, and how it is asked.
type scale struct {
	size   bench.Size
	asking bench.Asking
	data   string // "": vanishes afterwards
	json   bool
	strict bool
	only   []string // groups of questions; none: all
	cpu    string   // "": no profile
}

func (o *scale) flags(c *cobra.Command) {
	c.Flags().IntVar(&o.size.Tareas, "tareas", 100_000, "tareas, con toda su historia")
	c.Flags().IntVar(&o.size.Efectivos, "efectivos", 10_000, "efectivos; cuatro de cada cinco de turno")
	c.Flags().Int64Var(&o.size.Fixes, "posiciones", 10_000_000, "posiciones guardadas")
	c.Flags().IntVar(&o.size.Days, "dias", 10, "días en los que pasó todo")
	c.Flags().IntVar(&o.asking.Times, "veces", 300, "cuántas veces se hace cada pregunta")
	c.Flags().IntVar(&o.asking.Clients, "clientes", 2, "cuántos preguntan a la vez")
	c.Flags().StringVar(&o.data, "data", "", "directorio donde queda lo cargado, para medir otra vez sin cargar (por defecto se borra)")
	c.Flags().BoolVar(&o.json, "json", false, "escribe JSON en vez de la tabla")
	c.Flags().BoolVar(&o.strict, "strict", false, "termina con error si no se alcanza una vara")
	c.Flags().StringSliceVar(&o.only, "solo", nil, "los grupos que se miden (tareas, mapa, posiciones, emergencia, ...)")
	c.Flags().StringVar(&o.cpu, "perfil", "", "archivo para el perfil de procesador de lo que se mide (go tool pprof)")
}

// wants reports whether a group of questions is to be measured.
func (o *scale) wants(group string) bool { return len(o.only) == 0 || slices.Contains(o.only, group) }

// chosen are those of the questions that are to be measured.
func (o *scale) chosen(all []bench.Question) []bench.Question {
	return slices.DeleteFunc(all, func(q bench.Question) bool { return !o.wants(q.Group) })
}

// profiled is work with a processor profile of it, where one was asked for.
func (o *scale) profiled(work func() error) error {
	if o.cpu == "" {
		return work()
	}
	f, err := os.Create(o.cpu)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	err = work()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

// run opens a system that holds the city, loading it where it is not there yet.
func (o *scale) run(cmd *cobra.Command, extra map[string]string, work func(s *system, data string) error) error {
	loaded := func(s *system, data string) error {
		if err := o.load(cmd, s, data); err != nil {
			return err
		}
		// A store runs once: what it was loaded through has ended.
		fresh, err := openSystem(cmd.Context(), s.settings, s.log)
		if err != nil {
			return err
		}
		defer fresh.close()
		return work(fresh, data)
	}
	if o.data == "" {
		return onScratch(cmd, extra, loaded)
	}
	data, err := filepath.Abs(o.data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o755); err != nil { //nolint:gosec // the account of PostgreSQL has to get in
		return err
	}
	return onData(cmd, data, extra, loaded)
}

// loadedFile tells that a data directory holds a city, and of what size.
const loadedFile = "bench-loaded"

func (o *scale) load(cmd *cobra.Command, s *system, data string) (err error) {
	mark, size := filepath.Join(data, loadedFile), fmt.Sprintf("%+v\n", o.size)
	switch text, err := os.ReadFile(mark); {
	case err == nil && string(text) == size:
		return nil
	case err == nil:
		return fmt.Errorf("%s tiene otra carga: %s", data, text)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	owner, err := pgxpool.New(ctx, s.settings.MigrateDatabaseURL.Reveal())
	if err != nil {
		return err
	}
	defer owner.Close()
	stores, ctx := errgroup.WithContext(ctx)
	stores.Go(func() error { return s.store.Run(ctx) })
	err = bench.Loading{
		Pool: s.pool, Owner: owner, Store: s.store, Texts: s.vault, Models: readModels(),
		Positions: []projections.TelemetryProjection{mapa.Posiciones{}, estadisticas.Celdas{}}, Progress: stepProgress(cmd),
	}.Load(ctx, bench.NewCity(1, o.size, time.Now()))
	stop()
	if err = errors.Join(err, ignoreCanceled(stores.Wait())); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(size), 0o600)
}

// stepProgress draws one bar after the other. It may be told by several at a time.
func stepProgress(cmd *cobra.Command) func(step string, done, total int64) {
	var (
		mu   sync.Mutex // guards bar and last
		bar  progress
		last string
	)
	return func(step string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if step != last {
			bar, last = newProgress(cmd, step, total), step
		}
		bar.report(done, total)
	}
}

// show writes what was measured and, when it was asked for, fails on a missed bar.
func (o *scale) show(cmd *cobra.Command, all []bench.Answered) error {
	var err error
	if o.json {
		err = writeJSON(cmd, all)
	} else {
		err = bench.PrintAnswers(cmd.OutOrStdout(), all)
	}
	if err == nil && o.strict && !bench.Passed(all) {
		err = errBars
	}
	return err
}
