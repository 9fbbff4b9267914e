package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/eventstore"
)

// A marker is heard of, when it is put and when it is taken away, by those who may see it and
// asked for markers, or for its Zona; its title is not told.
func TestMarcas(t *testing.T) {
	t.Parallel()
	n := newNode(t, nil)
	zona := func() ident.Zona { return ident.Zona(uuid.Must(uuid.NewV7()).String()) }
	autor := func(rol permiso.Rol, zonas ...ident.Zona) permiso.Autor {
		a := permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: rol}
		if len(zonas) > 0 {
			a.Jurisdiccion = &permiso.Jurisdiccion{Zonas: zonas}
		}
		return a
	}
	norte, sur := zona(), zona()
	delNorte, agente := autor(permiso.Supervisor, norte), autor(permiso.Efectivo)
	listen := func(a permiso.Autor, topics ...string) *subscriber {
		return n.subscribe(client.Options{Token: fixed(n.desk.issue(a, time.Hour)), Topics: topics}).welcomed(t)
	}
	todo, suyo := listen(agente, "marcas"), listen(delNorte, "marcas")
	deZona, deTareas, yo := listen(autor(permiso.Supervisor), "zona:"+string(sur)), listen(autor(permiso.Supervisor), "tareas"), listen(agente, "yo")

	raw := n.hello(n.desk.issue(autor(permiso.Auditor), time.Hour), "marcas")
	raw.until("snapshot")

	title := sealed.Commit("a", "titulo", sealed.Salt{1}, "Calle cortada")
	var all, north, south, his []eventstore.Position
	mark := func(z ident.Zona, por ident.Usuario, lists ...*[]eventstore.Position) {
		id := ident.Marca(uuid.Must(uuid.NewV7()).String())
		at := []eventstore.Position{
			put(t, n.store, id.Stream(), 0, marca.Puesta{ID: id, Clase: marca.Corte, Titulo: title, Punto: geo.Punto{Lat: 1, Lon: 2}, Zona: z, Autor: por, En: noon}),
			put(t, n.store, id.Stream(), 1, marca.Retirada{Por: por, En: noon}),
		}
		for _, l := range append(lists, &all) {
			*l = append(*l, at...)
		}
	}
	somebody := ident.Usuario(uuid.NewString())
	mark("", somebody, &north)
	mark(norte, agente.Usuario, &north, &his)
	mark(sur, somebody, &south)
	mark(sur, delNorte.Usuario, &south, &north) // his own

	for name, c := range map[string]struct {
		s    *subscriber
		want []eventstore.Position
	}{
		"everybody": {todo, all}, "the north": {suyo, north}, "a Zona": {deZona, south}, "Tareas": {deTareas, nil}, "himself": {yo, his},
	} {
		eventually(t, name, func() string { return same(c.want, c.s.positions()) })
	}
	for {
		_, message, err := raw.conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(message), title.String()) || strings.Contains(string(message), `"titulo"`) {
			t.Errorf("frame carries what it must not: %s", message)
		}
		if strings.Contains(string(message), "marca.retirada") {
			return
		}
	}
}
