package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
	"github.com/grupo-gad/gad/eventstore/storetest"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// order is an append as the dispatcher makes it: the claims follow from the events.
func order(stream string, v eventstore.Version, texts []sealed.Text, events ...event.Event) eventstore.Append {
	id := eventstore.StreamID(stream)
	a := eventstore.Append{
		Command: storetest.ID(), Metadata: eventstore.Metadata{Actor: "sistema:prueba"},
		Expected: []eventstore.Expectation{{Stream: id, Version: v}}, Secrets: texts, Answer: []byte("{}"),
	}
	for _, e := range events {
		a.Events = append(a.Events, eventstore.Draft{Stream: id, Event: e})
		for _, c := range domain.Claims(e) {
			a.Claims = append(a.Claims, eventstore.Claim{Stream: id, Change: c})
		}
	}
	return a
}

// history appends a small operation: 30 Tareas with codes and hours, a third of them closed,
// two Usuarios with secrets, and commands that change nothing. 75 events.
func history(t *testing.T, s *postgres.Store) {
	t.Helper()
	from := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	must := func(a eventstore.Append) {
		if _, err := s.Append(t.Context(), a); err != nil {
			t.Errorf("append: %v", err)
		}
	}
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			id := ident.Tarea(fmt.Sprintf("0192-%02d", i))
			start := from.Add(time.Duration(i) * time.Hour)
			end := start.Add(time.Hour)
			must(order(id.Stream(), 0, nil, tarea.Creada{
				ID: id, Codigo: fmt.Sprintf("T-%02d", i), Tipo: tarea.Patrullaje, Prioridad: tarea.Media, InicioProgramado: start,
				FinProgramado: &end, Delegado: "ana", DelegadoNombrado: true, En: start,
			}))
			must(order(id.Stream(), 1, nil, tarea.Iniciada{En: start}))
			if i%3 == 0 {
				must(order(id.Stream(), 2, nil, tarea.Finalizada{En: end}))
			}
			must(order(id.Stream(), eventstore.Version(2+(3-i%3)/3), nil))
		})
	}
	wg.Wait()
	for i, n := range []string{"ana", "eva"} {
		email := sealed.Text{Owner: n, Field: "email", Value: n + "@ejemplo.org", Index: n + "@ejemplo.org", Salt: sealed.Salt{byte(i)}}
		tg := sealed.Text{Owner: n, Field: "telegram_id", Value: "77" + n, Index: "77" + n, Salt: sealed.Salt{byte(i)}}
		id := ident.Usuario(n)
		must(order(id.Stream(), 0, []sealed.Text{email, tg},
			usuario.Registrado{ID: id, Email: email.Commitment(), En: from}, usuario.TelegramVinculado{TelegramID: tg.Commitment(), En: from}))
	}
	must(order("usuario-eva", 2, nil, usuario.TelegramDesvinculado{En: from}))
}

func TestVerifyAcceptsTheHonestLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := open(t, db.App, nil)
	empty, err := s.Verify(t.Context(), nil)
	if err != nil || empty.Wrong != nil || empty.Head != 0 {
		t.Fatalf("empty log: %+v, %v", empty, err)
	}
	history(t, s)
	var steps []int64
	report, err := s.Verify(t.Context(), func(done, total int64) { steps = append(steps, done, total) })
	if err != nil || report.Wrong != nil {
		t.Fatalf("honest log: %v, %v", report.Wrong, err)
	}
	// 30 codes, 20 open hours, 2 e-mails, 1 Telegram account.
	want := postgres.Report{Head: 75, Streams: 32, Claims: 53, Commands: 103, Batches: report.Batches, Chain: report.Chain}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report:\n%s", diff)
	}
	if diff := cmp.Diff([]int64{0, 75, 75, 75}, steps); diff != "" {
		t.Errorf("progress:\n%s", diff)
	}
}

// TestVerifyNoticesTampering makes changes that only a superuser can make.
func TestVerifyNoticesTampering(t *testing.T) {
	t.Parallel()
	tamperings := []struct {
		name, sql string
		position  eventstore.Position // 0: any
		says      string
	}{
		{"payload", "update eventos.log set payload = convert_to(replace(convert_from(payload, 'UTF8'), '2026', '2027'), 'UTF8') where position = 17", 17, "changed"},
		{"white space", "update eventos.log set payload = payload || ' '::bytea where position = 17", 17, "changed"},
		{"actor", "update eventos.log set actor = 'usuario-otro' where position = 40", 40, "changed"},
		{"time", "update eventos.log set recorded_at = recorded_at + interval '1 microsecond' where position = 3", 3, "changed"},
		{"command", "update eventos.log set command = gen_random_uuid() where position = 9", 9, "changed"},
		{"leaf", "update eventos.log set leaf = sha256('otra') where position = 60", 60, "changed"},
		{"event removed", "delete from eventos.log where position = 33", 33, "missing"},
		{"tail removed", "delete from eventos.log where position > 70", 0, "missing"},
		{"event added", "insert into eventos.log select 76, 4, recorded_at, command, schema, leaf, stream, type, actor, correlation, causation, payload from eventos.log where position = 75", 76, "beyond"},
		{"two events exchanged", "update eventos.log set position = case position when 20 then 2000 when 21 then 20 else 21 end where position in (20, 21)", 0, ""},
		{"root", "update eventos.batches set root = sha256('otra') where batch = 1", 1, "root"},
		{"chain", "update eventos.batches set chain = sha256('otra') where batch = 2", 0, "chain"},
		{"batch removed", "delete from eventos.batches where batch = 3", 0, "batch"},
		{"tail cut with its ledger", "delete from eventos.batches where batch = (select max(batch) from eventos.batches)", 0, "beyond"},
		{"first batch", "update eventos.batches set chain = sha256('otra') where batch = 0", 0, "batch 0"},
		{"command forgotten", "delete from eventos.commands where events = 2 and head = (select min(head) from eventos.commands where events = 2)", 0, "not known"},
		{"command invented", "insert into eventos.commands select gen_random_uuid(), 1, 1, 1", 75, "known to have written"},
		{"command moved", "update eventos.commands set events = 2 where head = 5 and events = 1", 5, "is known for"},
		{"version of a stream", "update eventos.streams set version = 9 where stream = 'usuario-ana'", 0, "version 9"},
		{"stream forgotten", "delete from eventos.streams where stream = 'usuario-ana'", 0, "missing from the versions"},
		{"stream invented", "insert into eventos.streams values ('tarea-falsa', 1)", 0, "tarea-falsa"},
		{"claim forgotten", "delete from eventos.claims where key = 'T-07'", 0, "T-07"},
		{"claim invented", "insert into eventos.claims values ('tarea.codigo', 'T-99', 'tarea-0192-01')", 0, "T-99"},
		{"claim moved", "update eventos.claims set during = tstzrange(lower(during), upper(during) + interval '1 year') where stream = 'tarea-0192-29' and during is not null", 0, "tarea-0192-29"},
		{"secret claim forgotten", "delete from eventos.claims where space = 'usuario.email' and stream = 'usuario-eva'", 0, "usuario-eva"},
		{"secret claim invented", "insert into eventos.claims values ('usuario.dni', 'hmac:00', 'usuario-eva')", 0, "usuario-eva"},
		{"trigger off", "alter table eventos.commands_2 disable trigger solo_agregar", 0, "commands_2"},
	}
	db := pgtest.New(t)
	s := open(t, db.App, nil)
	history(t, s)
	conn := super(t, db)
	for _, c := range tamperings {
		// What the superuser does is committed, verified and taken back.
		run(t, conn, "create schema copia")
		for _, table := range []string{"log", "batches", "commands", "streams", "claims"} {
			run(t, conn, "create table copia."+table+" as table eventos."+table)
		}
		if c.name != "trigger off" {
			unseal(t, conn)
		}
		run(t, conn, c.sql)
		if c.name != "trigger off" {
			seal(t, conn)
		}
		report, err := s.Verify(t.Context(), nil)
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case report.Wrong == nil:
			t.Errorf("%s went unnoticed", c.name)
		case c.position != 0 && report.Wrong.Position != c.position, !strings.Contains(report.Wrong.What, c.says):
			t.Errorf("%s: found %v, want position %d, %q", c.name, report.Wrong, c.position, c.says)
		}
		unseal(t, conn)
		for _, table := range []string{"log", "batches", "commands", "streams", "claims"} {
			run(t, conn, "delete from eventos."+table, "insert into eventos."+table+" table copia."+table)
		}
		seal(t, conn)
		run(t, conn, "drop schema copia cascade")
	}
	if report, err := s.Verify(t.Context(), nil); err != nil || report.Wrong != nil {
		t.Errorf("after taking everything back: %v, %v", report.Wrong, err)
	}
}
