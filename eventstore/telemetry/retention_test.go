package telemetry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore/telemetry"
	"github.com/grupo-gad/gad/ops/pgtest"
)

// TestPurge: what was sealed and is old goes, by one process at a time; what no seal ties to the log stays.
func TestPurge(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db.App, quick)
	log := startLog(t, db.App)
	connect := func() *pgx.Conn {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), db.OwnerURL)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	left := func() (n int) {
		t.Helper()
		if err := db.Owner.QueryRow(t.Context(), `select count(*) from pg_inherits where inhparent = 'telemetria.fixes'::regclass`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	b := put(t, s, fix(uuid.NewString(), 0), fix(uuid.NewString(), 1))
	var day time.Time
	if err := db.Owner.QueryRow(t.Context(), `select dia from telemetria.lotes where lote = $1`, int64(b)).Scan(&day); err != nil {
		t.Fatal(err)
	}
	for _, ago := range []int{92, 91, 90, 89} {
		from := day.AddDate(0, 0, -ago)
		if _, err := db.Owner.Exec(t.Context(), fmt.Sprintf(`create table telemetria.fixes%s partition of telemetria.fixes for values from ('%s') to ('%s')`,
			from.Format("_20060102"), from.Format(time.DateOnly), from.AddDate(0, 0, 1).Format(time.DateOnly))); err != nil {
			t.Fatal(err)
		}
	}
	all := left()
	purges := func(before time.Time, want int) {
		t.Helper()
		conn := connect()
		defer func() { _ = conn.Close(t.Context()) }()
		all -= want
		if n, err := telemetry.Purge(t.Context(), conn, before); err != nil || n != want || left() != all {
			t.Errorf("before %s: %d days went, %d are left; want %d, %d (%v)", before, n, left(), want, all, err)
		}
	}
	other := connect()
	defer func() { _ = other.Close(t.Context()) }()
	hold := func(sql string) {
		t.Helper()
		if _, err := other.Exec(t.Context(), sql, telemetry.RetentionLock); err != nil {
			t.Fatal(err)
		}
	}
	hold(`select pg_advisory_lock($1)`)
	purges(day.AddDate(0, 0, -90), 0) // somebody else is at it
	hold(`select pg_advisory_unlock($1)`)
	purges(day.AddDate(0, 0, -90).Add(23*time.Hour), 2)
	purges(day.AddDate(0, 0, -90), 0)
	purges(day.AddDate(0, 0, 1), 3) // with yesterday; today is not sealed
	if r := verified(t, db.App); r.Erased != 0 {
		t.Errorf("report %+v", r)
	}
	if _, err := telemetry.NewSealer(db.App, log, telemetry.SealerOptions{}).Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	purges(day.AddDate(0, 0, 1), 1)
	if r := verified(t, db.App); r.Erased != 2 || r.Fixes != 2 {
		t.Errorf("report %+v", r)
	}
}
