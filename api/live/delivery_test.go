package live_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

// book is where deliveries are written down.
type book struct {
	mu   sync.Mutex
	list []string
}

func (b *book) Delivered(_ context.Context, alert string, to ident.Usuario) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = append(b.list, alert+" "+string(to))
	return nil
}

func (b *book) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

func (n *node) usuario(token string) string {
	id, err := n.desk.Verify(n.t.Context(), token)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(id.Autor.Usuario)
}

// A call for help counts as delivered once the socket has answered a ping that came after it,
// or acknowledged it; once per person. Other alerts are not counted, nor whoever is silent.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	var seen book
	n := newNode(t, func(d *live.Deps) { d.Limits.Burst, d.Deliveries = 1000, &seen })
	reader, silent, signer := n.token(permiso.Supervisor), n.token(permiso.Administrador), n.token(permiso.Supervisor)
	a, again, b, c := n.hello(reader, "alertas"), n.hello(reader, "alertas"), n.hello(silent, "alertas"), n.hello(signer, "alertas")
	for _, r := range []*raw{a, again, b, c} {
		r.until("snapshot")
	}
	nueva(t, n.store, jefe().Usuario, tarea.Critica)
	id := ident.Efectivo(uuid.NewString())
	put(t, n.store, id.Stream(), 0, efectivo.Registrado{ID: id, CodigoInterno: "M-9", En: noon})
	put(t, n.store, id.Stream(), 1, efectivo.SOSActivado{En: noon})
	// help reads up to the call for help, and answers what is asked on the way.
	help := func(r *raw, answers bool) int64 {
		for {
			f := r.read()
			if f.Type == "ping" && answers {
				r.pong()
			}
			if f.Kind == "sos" {
				return f.Position
			}
		}
	}
	help(b, false)
	for _, r := range []*raw{a, again} {
		help(r, true)
		r.until("ping") // at once, not with the next heartbeat
		r.pong()
	}
	c.send(map[string]any{"type": "ack", "position": help(c, false)})
	eventually(t, "two of them have read it", func() string {
		if n := len(seen.all()); n < 2 {
			return fmt.Sprintf("%d deliveries", n)
		}
		return ""
	})
	alert := id.Stream() + "@2"
	want := []string{alert + " " + n.usuario(reader), alert + " " + n.usuario(signer)}
	slices.Sort(want)
	got := seen.all()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("delivered %v, want %v", got, want)
	}
}
