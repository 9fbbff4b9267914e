package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/vault"
	"github.com/grupo-gad/gad/ops/obs"
	"github.com/grupo-gad/gad/projections"
)

type rotation struct {
	key                  string
	rewrapped, completed int64
}

// renewalLock is held over a renewal: two at once would each make a key.
const renewalLock int64 = 0x6761646b

// rotateVault renews the KEK. Every step may be repeated after a crash: until the last one
// both files are good.
func (s *system) rotateVault(ctx context.Context, wait time.Duration) (r rotation, err error) {
	owner := s.current.Load().MigrateDatabaseURL.Reveal()
	if owner == "" {
		return r, errors.New("falta GAD_MIGRATE_DATABASE_URL: hay que reescribir archivos de la base, y eso lo puede solo su dueño")
	}
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return r, fmt.Errorf("conectar como dueño: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // and the lock with it
	var mine bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock($1)`, renewalLock).Scan(&mine); err != nil || !mine {
		return r, errors.Join(errors.New("otra renovación de la clave está en curso"), err)
	}
	since, err := s.replaceInUse(ctx, wait, &r)
	if err != nil {
		return r, err
	}
	waiting, err := s.vault.Pending(ctx)
	if err != nil {
		return r, err
	}
	if waiting > 0 {
		if err := s.rewriteFiles(ctx, conn); err != nil {
			return r, err
		}
	}
	if err := replaceKEK(s.settings.VaultKEKFile); err != nil {
		return r, err
	}
	r.completed, err = s.vault.Complete(ctx, since)
	return r, err
}

// replaceInUse makes a key, waits until every process has it, and wraps everything with it.
// since is when nothing new was wrapped with the old one any more.
func (s *system) replaceInUse(ctx context.Context, wait time.Duration, r *rotation) (since time.Time, err error) {
	path := nextKEK(s.settings.VaultKEKFile)
	if err := vault.CreateKEK(path); err != nil {
		return since, err
	}
	next, err := vault.LoadKEK(path)
	if err != nil {
		return since, err
	}
	if err := s.vault.Offer(ctx, next); err != nil {
		return since, err
	}
	if err := sleep(ctx, wait); err != nil {
		return since, err
	}
	if err := s.vault.Objections(ctx, next); err != nil {
		return since, errors.Join(fmt.Errorf("no se renovó la clave: %w; copiá %s a su máquina y repetí", err, path), s.vault.Withdraw(ctx, next))
	}
	if err := s.vault.Announce(ctx, next); err != nil {
		return since, err
	}
	if since, err = s.vault.Age(ctx); err != nil {
		return since, err
	}
	if err := sleep(ctx, wait); err != nil {
		return since, err
	}
	done, err := s.vault.Renew(ctx)
	r.key, r.rewrapped = done.After, done.Keys
	return since, err
}

// sleep waits a while, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// replaceKEK destroys the old key: overwritten, then replaced.
func replaceKEK(path string) error {
	//nolint:gosec // the path is a setting of the operator who runs this
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destruir la clave anterior: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the same
	if err == nil {
		_, werr := f.Write(make([]byte, 32))
		err = errors.Join(werr, f.Sync(), f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destruir la clave anterior: %w", err)
	}
	//nolint:gosec // the same
	if err := os.Rename(nextKEK(path), path); err != nil {
		return fmt.Errorf("poner la clave nueva en su lugar: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path)) //nolint:gosec // the same
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// mayName are the tables that may have held personal data or free text: a deleted row stays in
// its page, and a sample of it in the statistics, until somebody writes over it. namesNobody
// are the others of their schemas. Together they are all there are; a test compares.
var (
	mayName = []string{
		"boveda.claves", "boveda.textos", "boveda.indice", "boveda.secretos", "eventos.claims",
		"lectura.usuarios", "lectura.efectivos", "lectura.efectivos_nombres", "lectura.efectivos_en_turno", "lectura.licencias", "lectura.aprobaciones", "lectura.marcas",
		"lectura.tareas", "lectura.tareas_detalle", "lectura.tareas_textos", "lectura.tareas_palabras",
		"sesiones.credenciales", "sesiones.familias", "sesiones.refrescos", "sesiones.activaciones", "sesiones.segundos",
		"sesiones.recuperacion", "sesiones.intentos", "sesiones.vistos",
		"buzon.entrada", "buzon.salida", "buzon.vinculos", "buzon.botones", "buzon.fallos",
	}
	namesNobody = []string{
		"boveda.keks", "boveda.borrados", "boveda.avance", "boveda.objeciones", "buzon.posiciones",
		"lectura.usuarios_efectivos", "lectura.licencias_personas", "lectura.posiciones", "lectura.zonas", "lectura.politicas",
		"lectura.timers", "lectura.tiempos", "lectura.turnos", "lectura.celdas", "lectura.celdas_unidad", "lectura.alarmas", "lectura.alarmas_atendidas",
	}
)

// rewriteFiles writes those tables anew, so that nothing of what was deleted is left in their
// files, once the read models have followed the erasures. A read model that was replaced by a
// rebuild is dropped: there is no way back to names that were erased.
func (s *system) rewriteFiles(ctx context.Context, conn *pgx.Conn) error {
	head, err := s.store.Head(ctx)
	if err != nil {
		return err
	}
	if err := s.followErasures(ctx, head); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, `select nspname from pg_namespace where nspname like 'lectura\_%\_anterior' and eventos.generacion_es_nuestra(nspname)`)
	if err != nil {
		return fmt.Errorf("buscar modelos de lectura reemplazados: %w", err)
	}
	replaced, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("buscar modelos de lectura reemplazados: %w", err)
	}
	for _, schema := range replaced {
		if _, err := conn.Exec(ctx, `select eventos.generacion_borrar($1)`, schema); err != nil {
			return fmt.Errorf("borrar %s: %w", schema, err)
		}
	}
	for _, table := range mayName {
		if _, err := conn.Exec(ctx, "vacuum (full, analyze) "+table); err != nil {
			return fmt.Errorf("reescribir %s: %w", table, err)
		}
	}
	if _, err := conn.Exec(ctx, "vacuum full pg_catalog.pg_statistic"); err != nil {
		return fmt.Errorf("reescribir las estadísticas: %w", err)
	}
	return nil
}

// lagAllowed is how long a renewal waits for read models that are behind: the keys are wrapped
// with the new one already, and who reads waits two seconds only because somebody looks on.
const lagAllowed = time.Minute

// followErasures returns once every read model is at head, and says once that it waits.
func (s *system) followErasures(ctx context.Context, head eventstore.Position) error {
	until, said := time.Now().Add(lagAllowed), false
	for _, p := range readModels() {
		err := s.reads.waiter.WaitFor(ctx, p.Name(), head)
		for errors.Is(err, projections.ErrAtrasada) && time.Now().Before(until) {
			if !said {
				s.log.WarnContext(ctx, "waiting for a read model to follow the erasures", slog.String("projection", p.Name()), slog.Duration("at_most", lagAllowed))
				said = true
			}
			err = s.reads.waiter.WaitFor(ctx, p.Name(), head)
		}
		if err != nil {
			return fmt.Errorf("hay borrados que no llegaron a %s (¿corre el rol projector?): %w", p.Name(), err)
		}
	}
	return nil
}

// renewEvery is how often the age of the key is looked at.
const renewEvery = 10 * time.Minute

// renewVault is the policy that renews the KEK when it comes of age, where this process can:
// it knows the owner of the database and may write beside the key. Elsewhere the log and
// /health ask for it.
func (s *system) renewVault(ctx context.Context) error {
	for {
		if err := s.renewIfOld(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the key of the vault was not renewed: gad admin keys rotate-vault", errorAttr(err))
		}
		if err := sleep(ctx, renewEvery); err != nil {
			return err
		}
	}
}

// renewIfOld renews a key that is older than the setting allows at an instant.
func (s *system) renewIfOld(ctx context.Context, now time.Time) error {
	since, err := s.vault.Age(ctx)
	if err != nil || now.Sub(since) <= s.settings.VaultKEKMaxAge {
		return err
	}
	if !s.settings.VaultKEKRenew || s.current.Load().MigrateDatabaseURL.Reveal() == "" {
		return fmt.Errorf("it is in use since %s and this process may not renew it", since.Format(time.RFC3339))
	}
	// A table is closed while it is written anew: at an hour at which few wait for it.
	if now.In(s.zone).Hour() != s.settings.VaultKEKHour && now.Sub(since) <= s.settings.VaultKEKMaxAge+overdue {
		return nil
	}
	done, err := s.rotateVault(ctx, vault.WatchDelay)
	if err == nil {
		s.log.InfoContext(ctx, "the key of the vault was renewed", slog.String("key", done.key),
			slog.Int64("rewrapped", done.rewrapped), slog.Int64("erasures_completed", done.completed))
	}
	return err
}

// overdue is how long after its age a key that nobody renewed is reported, and renewed at any hour.
const overdue = 24 * time.Hour

// watchVault shows how old the key is.
func (s *system) watchVault() {
	s.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gad_vault_kek_age_seconds", Help: "Since when the key-encryption key of the vault is in use.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		since, err := s.vault.Age(ctx)
		if err != nil {
			return -1
		}
		return time.Since(since).Seconds()
	}))
	s.health.Register("clave_boveda", false, func(ctx context.Context) error {
		since, err := s.vault.Age(ctx)
		if err == nil && time.Since(since) > s.settings.VaultKEKMaxAge+overdue {
			return fmt.Errorf("%w: the key of the vault is in use since %s", obs.ErrDegraded, since.Format(time.RFC3339))
		}
		return err
	})
}
