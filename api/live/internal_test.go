package live

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

// partly records every delivery but those of one alert.
type partly struct {
	refused  string
	recorded chan string
}

func (p partly) Delivered(_ context.Context, alert string, _ ident.Usuario) error {
	if alert == p.refused {
		return errors.New("its history cannot be read")
	}
	p.recorded <- alert
	return nil
}

// A delivery that cannot be recorded holds up none of the others, however often it is tried.
func TestDeliveryThatFailsHoldsUpNone(t *testing.T) {
	t.Parallel()
	d, to := newDeliveries(), partly{"a@1", make(chan string, 4)}
	for _, alert := range []string{"a@1", "b@1", "c@1"} {
		d.add(delivery{alert, "x"})
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); d.record(ctx, slog.New(slog.DiscardHandler), to) }()
	for _, want := range []string{"b@1", "c@1"} {
		if got := <-to.recorded; got != want {
			t.Errorf("recorded %s, want %s", got, want)
		}
	}
	d.add(delivery{"d@1", "x"})
	if got := <-to.recorded; got != "d@1" {
		t.Errorf("recorded %s", got)
	}
	stop()
	<-ended
}

// Two answers about a session are the same when they say the same, though each brings its own
// Jurisdiccion.
func TestIgual(t *testing.T) {
	t.Parallel()
	who := func(zonas []ident.Zona, unidades ...string) permiso.Autor {
		return permiso.Autor{Usuario: "u", Rol: permiso.Supervisor, Jurisdiccion: &permiso.Jurisdiccion{Zonas: zonas, Unidades: unidades}}
	}
	z := ident.Zona(uuid.NewString())
	everything, other := permiso.Autor{Usuario: "u", Rol: permiso.Supervisor}, permiso.Autor{Usuario: "u", Rol: permiso.Administrador}
	for name, c := range map[string]struct {
		a, b permiso.Autor
		want bool
	}{
		"the same":        {who([]ident.Zona{z}, "Norte"), who([]ident.Zona{z}, "Norte"), true},
		"another zona":    {who([]ident.Zona{z}), who([]ident.Zona{"x"}), false},
		"another unidad":  {who(nil, "Norte"), who(nil, "Sur"), false},
		"narrowed":        {everything, who(nil, "Norte"), false},
		"widened":         {who(nil, "Norte"), everything, false},
		"never narrowed":  {everything, everything, true},
		"another rol":     {everything, other, false},
		"a unidad is not": {who([]ident.Zona{z}), who([]ident.Zona{z}, "Norte"), false},
	} {
		if got := igual(c.a, c.b); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Whether somebody was looked for or not is told apart by who hears that nobody has it.
func TestSinEfectivosText(t *testing.T) {
	t.Parallel()
	f := &ficha{codigo: "E-1"}
	for causa, want := range map[tarea.CausaEscalada]string{
		tarea.PorSinEfectivos: "E-1: no hay a quién ofrecerla", tarea.PorRechazo: "E-1: no hay a quién ofrecerla; el último la rechazó",
		tarea.PorVencimiento: "E-1: no hay a quién ofrecerla; el último no respondió", tarea.PorOrden: "E-1: quedó sin nadie",
	} {
		a := f.alert("", tarea.Critica, tarea.Escalada{Causa: causa}, &eventstore.Recorded{})
		if a == nil || a.Kind != "sin_efectivos" || a.Text != want {
			t.Errorf("%s: %+v", causa, a)
		}
	}
}

// Why it was passed on is said in words, and of whom.
func TestEscaladaText(t *testing.T) {
	t.Parallel()
	f := &ficha{codigo: "E-1"}
	for causa, want := range map[tarea.CausaEscalada]string{
		tarea.PorRechazo: "E-1: pasó al siguiente; la rechazó", tarea.PorVencimiento: "E-1: pasó al siguiente; no respondió",
		tarea.PorOrden: "E-1: pasó al siguiente; se le quitó por orden",
	} {
		a := f.alert("", tarea.Critica, tarea.Escalada{Causa: causa, De: "e1", A: "e2"}, &eventstore.Recorded{})
		if a == nil || a.Kind != "escalada" || a.Text != want || a.Efectivo != "e1" {
			t.Errorf("%s: %+v", causa, a)
		}
	}
}
