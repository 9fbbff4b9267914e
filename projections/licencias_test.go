package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/licencias"
)

// TestErasedReasons: the reasons of a person's leaves go with his other texts, those of others
// stay, and what the log makes of it is the same however it is cut, and after the vault forgot.
func TestErasedReasons(t *testing.T) {
	t.Parallel()
	b := newBook()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	text := func(owner, value string) sealed.Commitment {
		s := sealed.Text{Owner: owner, Field: "motivo", Value: value}
		b.texts[s.Commitment()] = value
		return s.Commitment()
	}
	var head eventstore.Position
	for _, who := range []string{"1", "2"} {
		id, quien, sujeto := "00000000-0000-7000-8000-00000000000"+who, "00000000-0000-7000-8000-0000000000a"+who, "sujeto-"+who
		pedida := func(n string) ident.Licencia { return ident.Licencia("00000000-0000-7000-8000-0000000000" + n + who) }
		b.put(t, "efectivo-"+id, 0, efectivo.Registrado{Usuario: ident.Usuario(quien), CodigoInterno: "E" + who})
		b.put(t, "usuario-"+quien, 0, usuario.Registrado{Sujeto: ident.Sujeto(sujeto)})
		b.put(t, "efectivo-"+id, 1,
			efectivo.LicenciaSolicitada{Licencia: pedida("b"), Desde: now, Hasta: now.Add(time.Hour), Motivo: text(sujeto, "operación "+who), En: now},
			efectivo.LicenciaRechazada{Licencia: pedida("b"), Motivo: text(sujeto, "sin cupo "+who), En: now},
			efectivo.LicenciaSolicitada{Licencia: pedida("c"), Desde: now, Hasta: now.Add(time.Hour), Motivo: text(sujeto, "mudanza "+who), En: now})
	}
	head = b.put(t, "usuario-00000000-0000-7000-8000-0000000000a1", 1, usuario.DatosPersonalesEliminados{Sujeto: "sujeto-1", Aprobacion: "x", En: now})

	want := [][]string{{"", ""}, {"operación 2", "sin cupo 2"}, {"", ""}, {"mudanza 2", ""}}
	var digest projections.Digested
	for _, window := range []int{0, 1, 2} {
		db := pgtest.New(t)
		r := projections.NewRunner(db.App, b, b, projections.Options{}, licencias.Projection{})
		if err := r.CatchUp(t.Context(), licencias.Name, head, window, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, reasons(t.Context(), t, db)); diff != "" {
			t.Errorf("windows of %d (-want +got):\n%s", window, diff)
		}
		got, err := r.Digest(t.Context(), licencias.Name)
		if err != nil {
			t.Fatal(err)
		}
		if window != 0 {
			if diff := cmp.Diff(digest, got); diff != "" {
				t.Errorf("windows of %d make other rows:\n%s", window, diff)
			}
			continue
		}
		digest = got
		for c, value := range b.texts { // as the eraser does, once the fact is there
			if value == "operación 1" || value == "sin cupo 1" || value == "mudanza 1" {
				delete(b.texts, c)
			}
		}
	}
}

func reasons(ctx context.Context, t *testing.T, db *pgtest.DB) [][]string {
	t.Helper()
	rows, err := db.Owner.Query(ctx, `select motivo, respuesta from lectura.licencias order by id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]string, error) {
		pair := make([]string, 2)
		return pair, row.Scan(&pair[0], &pair[1])
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
