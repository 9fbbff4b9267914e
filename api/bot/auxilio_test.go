package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// marker leaves somebody's newest position, of the turno under way or of an earlier one.
func (w *world) marker(id ident.Efectivo, lat, lon float64, en time.Time, now bool) {
	w.t.Helper()
	turno := "$6::uuid"
	if now {
		turno = "(select turno from lectura.efectivos where id = $1 and $6::uuid is not null)"
	}
	if _, err := w.db.Owner.Exec(w.t.Context(), `insert into lectura.posiciones (efectivo, turno, en, recibida, lat, lon, precision_m, velocidad, rumbo, fuente, simulada)
		values ($1, `+turno+`, $2, $2, $3, $4, $5, -1, -1, 'rest', false)
		on conflict (efectivo) do update set turno = excluded.turno, en = excluded.en, lat = excluded.lat, lon = excluded.lon`,
		string(id), en, lat, lon, 5, uuid.NewString()); err != nil {
		w.t.Fatal(err)
	}
}

// alertOf waits for the call for help of an Efectivo and names it.
func (w *world) alertOf(id ident.Efectivo) (alert string, called efectivo.SOSActivado) {
	w.t.Helper()
	if err := pollUntil(w.t, func() bool {
		for r, err := range w.store.ReadStream(w.t.Context(), eventstore.StreamID(id.Stream()), 0) {
			if err != nil {
				w.t.Fatal(err)
			}
			if e, ok := r.Event.(efectivo.SOSActivado); ok {
				alert, called = fmt.Sprintf("%s@%d", r.Stream, r.Version), e
			}
		}
		return alert != ""
	}); err != nil {
		w.t.Fatal(err)
	}
	return alert, called
}

func (w *world) escalate(id ident.Efectivo, alert string) {
	w.t.Helper()
	w.must(operacion.EscalarAlerta{
		OrdenAlerta: operacion.OrdenAlerta{ID: alert, Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}, Efectivo: id, Nivel: 1,
	})
}

// Nobody is sent to where somebody was in an earlier turno, neither at once nor when it is told
// again; but that is told for what it is, when nothing else is known.
func TestSOSFromAnOldPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	a := w.linked("81")
	w.linked("82")
	w.marker(a, -34.5, -58.5, time.Now().Add(-3*24*time.Hour), false)
	w.tg.Text(81, "/sos")
	alert, called := w.alertOf(a)
	if called.Ubicacion != nil {
		t.Fatalf("he is said to call from %v", *called.Ubicacion)
	}
	w.escalate(a, alert)
	for _, part := range []string{"pide ayuda", "SIN ATENDER"} {
		text := w.heard(82, part).Text
		if strings.Contains(text, "Mapa:") || !strings.Contains(text, "No se sabe dónde está. Su última posición es de hace 3 días") || !strings.Contains(text, "geo:-34.500000,-58.500000") {
			t.Errorf("told %q", text)
		}
	}
}

// The place that was said with the call stands whenever it is told again. Where he went since is
// told beside it, and where he was before is not.
func TestSOSKeepsThePlaceOfTheCall(t *testing.T) {
	t.Parallel()
	const said = "Mapa: geo:-34.610000,-58.400000"
	for name, c := range map[string]struct {
		en    time.Duration // of the marker, from the call on
		now   bool          // of this turno
		wants string
	}{
		"a marker of an earlier turno": {time.Second, false, ""},
		"a marker from before":         {-time.Minute, true, ""},
		// An hour ahead: its age is nought however long the second telling takes to come.
		"a marker from afterwards": {time.Hour, true, "Después se movió. Hace menos de un minuto estaba en geo:-34.500000,-58.500000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.run(nil)
			a := w.linked("81")
			w.linked("82")
			w.begun()
			w.must(efectivo.ActivarSOS{Orden: efectivo.Orden{ID: a, Por: supervisora, En: time.Now().UTC()}, Ubicacion: &geo.Punto{Lat: -34.61, Lon: -58.4}})
			alert, called := w.alertOf(a)
			if text := w.heard(82, "pide ayuda").Text; !strings.HasSuffix(text, said) {
				t.Errorf("first told %q", text)
			}
			w.marker(a, -34.5, -58.5, called.En.Add(c.en), c.now)
			w.escalate(a, alert)
			want := said
			if c.wants != "" {
				want += "\n" + c.wants
			}
			if text := w.heard(82, "SIN ATENDER").Text; !strings.HasSuffix(text, want) {
				t.Errorf("told again %q, want %q at its end", text, want)
			}
		})
	}
}

// enters puts somebody into a Zona, for the policies and for the map.
func (w *world) enters(id ident.Efectivo, z ident.Zona) {
	w.t.Helper()
	var turno ident.Turno
	if err := w.db.Owner.QueryRow(w.t.Context(), `select turno::text from lectura.efectivos where id = $1`, string(id)).Scan(&turno); err != nil {
		w.t.Fatal(err)
	}
	w.must(efectivo.IngresarZona{Orden: efectivo.Orden{ID: id, Por: permiso.DelSistema("politicas"), En: time.Now().UTC()}, Turno: turno, Zona: z})
	w.place(id, -34.6, -58.4)
}

// A call for help from where nobody else can be told reaches everybody on duty at once; those
// in his Zona are enough otherwise.
func TestSOSFromAnEmptyZona(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account string // of the other one in the Zona
		other   bool
		far     bool // whoever is elsewhere is told
	}{
		"alone":                    {far: true},
		"with one who has no chat": {other: true, far: true},
		"with one who can be told": {other: true, account: "83"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.run(nil)
			a := w.linked("81")
			w.linked("82") // elsewhere
			z := w.centro()
			w.enters(a, z)
			if c.account != "" {
				w.enters(w.linked(c.account), z)
			} else if c.other {
				other, _ := w.onDuty()
				w.enters(other, z)
			}
			w.begun()
			w.tg.Text(81, "/sos")
			w.alertOf(a)
			head, err := w.store.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := pollUntil(t, func() bool {
				at, _, err := w.mail.Cursor(t.Context(), "bot.auxilios")
				return err == nil && at >= int64(head)
			}); err != nil {
				t.Fatal(err)
			}
			var told string
			if err := w.db.Owner.QueryRow(t.Context(), `select coalesce(string_agg(chat::text, ' ' order by chat), '') from buzon.salida where clave like 'alerta:%'`).Scan(&told); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]string{true: "82", false: "83"}[c.far]; told != want {
				t.Errorf("told %s, want %s", told, want)
			}
		})
	}
}
