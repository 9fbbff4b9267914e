package projections_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/ops/pgtest"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/alarmas"
	"github.com/grupo-gad/gad/projections/aprobaciones"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/licencias"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/marcas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// rumour makes a log of facts about a few things of every kind, in no order a dispatcher would
// give: a read model has to follow them all the same.
type rumour struct {
	t    *testing.T
	b    *book
	rng  *rand.Rand
	now  time.Time
	at   map[string]int64
	last int // licencias and shifts asked for
	open map[int]ident.Turno
}

const few = 6 // of each kind

func (g *rumour) id(kind, n int) string { return uuid(uint64(kind)<<32 | uint64(n)) }

func (g *rumour) tell(stream string, e event.Event) {
	g.b.put(g.t, stream, g.at[stream], e)
	g.at[stream]++
	g.now = g.now.Add(time.Duration(1+g.rng.IntN(90_000)) * time.Millisecond)
}

func newRumour(t *testing.T, n int) (*rumour, []eventstore.Recorded) {
	t.Helper()
	g := &rumour{
		t: t, b: newBook(), rng: rand.New(rand.NewPCG(7, 8)), now: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC),
		at: map[string]int64{}, open: map[int]ident.Turno{},
	}
	for i := range few {
		u, e := ident.Usuario(g.id(1, i)), ident.Efectivo(g.id(2, i))
		g.tell(u.Stream(), usuario.Registrado{ID: u, Sujeto: ident.Sujeto(g.id(9, i)), Rol: permiso.Efectivo, Simulado: i%2 == 0, En: g.now})
		g.tell(e.Stream(), efectivo.Registrado{ID: e, Usuario: u, CodigoInterno: fmt.Sprintf("E-%d", i), En: g.now})
	}
	for told := int64(2 * few); told < int64(n); told++ {
		i := g.rng.IntN(few)
		switch g.rng.IntN(5) {
		case 0:
			g.person(ident.Usuario(g.id(1, i)))
		case 1:
			g.duty(i, ident.Efectivo(g.id(2, i)))
		case 2:
			g.place(ident.Zona(g.id(3, i)))
		case 3:
			g.approval(ident.Aprobacion(g.id(4, int(told)/9)))
			g.alarm(ident.Usuario(g.id(1, i)))
			g.mark(ident.Marca(g.id(8, int(told)/30*few+i)), ident.Usuario(g.id(1, i)))
		default:
			g.work(ident.Tarea(g.id(5, int(told)/40*few+i)))
		}
	}
	log, err := g.b.ReadLog(t.Context(), 0, 2*n)
	if err != nil || len(log) < n {
		t.Fatal(len(log), err)
	}
	return g, log
}

func (g *rumour) person(id ident.Usuario) {
	g.tell(id.Stream(), []event.Event{
		usuario.RolCambiado{Rol: permiso.Supervisor, En: g.now},
		usuario.RolCambiado{Rol: permiso.Administrador, En: g.now},
		usuario.JurisdiccionAsignada{Zonas: []ident.Zona{ident.Zona(g.id(6, 1))}, Unidades: []string{"Norte"}, En: g.now},
		usuario.Bloqueado{En: g.now},
		usuario.Desbloqueado{En: g.now},
		usuario.Verificado{En: g.now},
		usuario.CredencialCambiada{En: g.now},
		usuario.SegundoFactorActivado{En: g.now},
		usuario.SegundoFactorDesactivado{En: g.now},
		usuario.TelegramVinculado{En: g.now},
		usuario.TelegramDesvinculado{En: g.now},
	}[g.rng.IntN(11)])
}

func (g *rumour) duty(i int, id ident.Efectivo) {
	switch turno, on := g.open[i]; {
	case g.rng.IntN(3) > 0: // leave
		if g.last == 0 || g.rng.IntN(3) == 0 {
			g.last++
			g.tell(id.Stream(), efectivo.LicenciaSolicitada{Licencia: ident.Licencia(g.id(6, g.last)), Desde: g.now, Hasta: g.now.Add(time.Hour), En: g.now})
			return
		}
		l := ident.Licencia(g.id(6, 1+g.rng.IntN(g.last)))
		g.tell(id.Stream(), []event.Event{
			efectivo.LicenciaAprobada{Licencia: l, En: g.now},
			efectivo.LicenciaRechazada{Licencia: l, En: g.now},
			efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.EnLicencia, Causa: efectivo.PorLicencia, Licencia: l, En: g.now},
			efectivo.DisponibilidadCambiada{Disponibilidad: efectivo.Disponible, Causa: efectivo.PorFinLicencia, Licencia: l, En: g.now},
		}[g.rng.IntN(4)])
	case on:
		delete(g.open, i)
		g.tell(id.Stream(), efectivo.TurnoFinalizado{Turno: turno, En: g.now})
	default:
		g.last++
		g.open[i] = ident.Turno(g.id(7, g.last))
		// A leave of the same number keeps every number one that was asked for.
		g.tell(id.Stream(), efectivo.TurnoIniciado{Turno: g.open[i], En: g.now})
		g.tell(id.Stream(), efectivo.LicenciaSolicitada{Licencia: ident.Licencia(g.id(6, g.last)), Desde: g.now, Hasta: g.now.Add(time.Hour), En: g.now})
	}
}

func (g *rumour) place(id ident.Zona) {
	side := 0.01 * float64(1+g.rng.IntN(9))
	shape := []zona.Poligono{{{{}, {Lon: side}, {Lat: side, Lon: side}, {}}}}
	if g.at[id.Stream()] == 0 {
		g.tell(id.Stream(), zona.Definida{ID: id, Nombre: "Z", Clase: zona.Interes, Poligonos: shape, En: g.now})
		return
	}
	g.tell(id.Stream(), []event.Event{
		zona.Modificada{Nombre: fmt.Sprintf("Z%d", g.rng.IntN(99)), Clase: zona.Jurisdiccion, Poligonos: shape, En: g.now},
		zona.QuedoVacia{En: g.now},
		zona.Cubierta{En: g.now},
	}[g.rng.IntN(3)])
}

func (g *rumour) approval(id ident.Aprobacion) {
	who := ident.Usuario(g.id(1, g.rng.IntN(few)))
	if g.at[id.Stream()] == 0 {
		g.tell(id.Stream(), aprobacion.Solicitada{ID: id, Por: who, Vence: g.now.Add(time.Hour), En: g.now})
		return
	}
	g.tell(id.Stream(), []event.Event{
		aprobacion.Aprobada{Por: who, En: g.now}, aprobacion.Rechazada{Por: who, En: g.now}, aprobacion.Vencida{En: g.now}, aprobacion.Ejecutada{Por: who, En: g.now},
	}[g.rng.IntN(4)])
}

// mark puts a marker, with a title and an end or without, and now and then takes one away.
func (g *rumour) mark(id ident.Marca, who ident.Usuario) {
	switch {
	case g.at[id.Stream()] > 0:
		g.tell(id.Stream(), marca.Retirada{Por: who, En: g.now})
	case g.rng.IntN(2) == 0:
		c, end := g.b.say("Calle cortada "+string(id[30:])), g.now.Add(time.Hour)
		g.tell(id.Stream(), marca.Puesta{ID: id, Clase: marca.Corte, Titulo: c, Punto: geo.Punto{Lat: 1, Lon: 2}, Zona: ident.Zona(g.id(3, 1)), Autor: who, Caduca: &end, En: g.now})
	default:
		g.tell(id.Stream(), marca.Puesta{ID: id, Clase: marca.Peligro, Punto: geo.Punto{Lat: 3, Lon: 4}, Autor: who, En: g.now})
	}
}

// alarm is now and then set off, and now and then looked into.
func (g *rumour) alarm(id ident.Usuario) {
	stream := auditoria.Stream(id)
	switch g.rng.IntN(6) {
	case 0:
		g.tell(stream, auditoria.LecturaMasiva{Usuario: id, Lecturas: 51 + g.rng.IntN(9), En: g.now})
	case 1:
		g.tell(id.Stream(), usuario.RolCambiado{Rol: permiso.Administrador, EnServidor: true, En: g.now})
	case 2:
		g.tell(ident.Sesion(id).Stream(), sesion.FamiliaRevocada{Usuario: id, En: g.now})
	case 3:
		if n := g.at[stream]; n > 0 && g.at[operacion.StreamAlerta(fmt.Sprintf("%s@%d", stream, n))] == 0 {
			g.tell(operacion.StreamAlerta(fmt.Sprintf("%s@%d", stream, n)), operacion.AlertaAtendida{Usuario: id, En: g.now})
		}
	}
}

func (g *rumour) work(id ident.Tarea) {
	if g.at[id.Stream()] == 0 {
		g.tell(id.Stream(), tarea.Creada{
			ID: id, Codigo: string(id[24:]), Tipo: tarea.Patrullaje, Prioridad: tarea.Alta, InicioProgramado: g.now,
			Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: 1, Lon: 2}}, En: g.now,
		})
		return
	}
	e := ident.Efectivo(g.id(2, g.rng.IntN(few)))
	g.tell(id.Stream(), []event.Event{
		tarea.EfectivoOfrecido{Efectivo: e, En: g.now},
		tarea.EfectivoAsignado{Efectivo: e, En: g.now},
		tarea.AsignacionAceptada{Efectivo: e, En: g.now},
		tarea.AsignacionRechazada{Efectivo: e, En: g.now},
		tarea.EfectivoEnLugar{Efectivo: e, En: g.now},
		tarea.Iniciada{En: g.now},
		tarea.Pausada{En: g.now},
		tarea.Reanudada{En: g.now},
		tarea.Finalizada{En: g.now},
		tarea.PrioridadCambiada{Prioridad: tarea.Critica, En: g.now},
		tarea.EfectivoEnCamino{Efectivo: e, En: g.now},
		tarea.EfectivoLiberado{Efectivo: e, En: g.now},
		tarea.Modificada{Zona: new(ident.Zona(g.id(3, g.rng.IntN(few)))), Ubicacion: &tarea.Ubicacion{Punto: geo.Punto{Lat: float64(g.rng.IntN(few)), Lon: 2}}, En: g.now},
		tarea.Modificada{SinZona: true, SinUbicacion: true, En: g.now},
		tarea.Modificada{InicioProgramado: new(g.now.Add(time.Duration(g.rng.IntN(7200)-3600) * time.Second)), En: g.now},
		tarea.Iniciada{Implicito: true, En: g.now},
		tarea.Reabierta{En: g.now},
	}[g.rng.IntN(17)])
}

// told is what a log means, each row as the texts of its columns.
type told map[string]map[string]string

func (n told) set(id string, r eventstore.Recorded, columns ...string) {
	if n[id] == nil {
		n[id] = map[string]string{}
	}
	for i := 0; i < len(columns); i += 2 {
		n[id][columns[i]] = columns[i+1]
	}
	n[id]["posicion"] = fmt.Sprint(r.Position)
}

func yes(b bool) string { return fmt.Sprint(b) }

func tellUsuarios(n told, r eventstore.Recorded) {
	id, v := projections.Key(r.Stream), fmt.Sprint(r.Version)
	switch e := r.Event.(type) {
	case usuario.Registrado:
		n.set(id, r, "rol", "efectivo", "estado", "activo", "telegram", "false", "verificado", "false", "segundo_factor", "false", "simulado", yes(e.Simulado), "version_permiso", v)
	case usuario.RolCambiado:
		n.set(id, r, "rol", string(e.Rol), "version_permiso", v)
	case usuario.JurisdiccionAsignada:
		n.set(id, r, "version_permiso", v)
	case usuario.Bloqueado:
		n.set(id, r, "estado", "bloqueado", "version_permiso", v)
	case usuario.Desbloqueado:
		n.set(id, r, "estado", "activo", "version_permiso", v)
	case usuario.Verificado:
		n.set(id, r, "verificado", "true")
	case usuario.SegundoFactorActivado:
		n.set(id, r, "segundo_factor", "true")
	case usuario.SegundoFactorDesactivado:
		n.set(id, r, "segundo_factor", "false")
	case usuario.TelegramVinculado:
		n.set(id, r, "telegram", "true")
	case usuario.TelegramDesvinculado:
		n.set(id, r, "telegram", "false")
	case usuario.CredencialCambiada:
		n.set(id, r)
	}
}

func tellLicencias(n told, r eventstore.Recorded) {
	switch e := r.Event.(type) {
	case efectivo.LicenciaSolicitada:
		n.set(string(e.Licencia), r, "efectivo", projections.Key(r.Stream), "estado", "solicitada", "vigente", "false", "desde", instant(e.Desde), "resuelta", "")
	case efectivo.LicenciaAprobada:
		n.set(string(e.Licencia), r, "estado", "aprobada", "resuelta", instant(e.En))
	case efectivo.LicenciaRechazada:
		n.set(string(e.Licencia), r, "estado", "rechazada", "resuelta", instant(e.En))
	case efectivo.DisponibilidadCambiada:
		n.set(string(e.Licencia), r, "vigente", yes(e.Causa == efectivo.PorLicencia))
	}
}

func tellZonas(n told, r eventstore.Recorded) {
	id := projections.Key(r.Stream)
	side := func(p []zona.Poligono) string { return fmt.Sprintf("%.2f", p[0][0][1].Lon) }
	switch e := r.Event.(type) {
	case zona.Definida:
		n.set(id, r, "nombre", e.Nombre, "clase", "interes", "vacia", "false", "lado", side(e.Poligonos))
	case zona.Modificada:
		n.set(id, r, "nombre", e.Nombre, "clase", "jurisdiccion", "lado", side(e.Poligonos))
	case zona.QuedoVacia:
		n.set(id, r, "vacia", "true")
	case zona.Cubierta:
		n.set(id, r, "vacia", "false")
	}
}

func tellAprobaciones(n told, r eventstore.Recorded) {
	id := projections.Key(r.Stream)
	switch e := r.Event.(type) {
	case aprobacion.Solicitada:
		n.set(id, r, "estado", "solicitada", "solicitante", string(e.Por), "resolvio", "", "vence", instant(e.Vence))
	case aprobacion.Aprobada:
		n.set(id, r, "estado", "aprobada", "resolvio", string(e.Por))
	case aprobacion.Rechazada:
		n.set(id, r, "estado", "rechazada", "resolvio", string(e.Por))
	case aprobacion.Vencida:
		n.set(id, r, "estado", "vencida")
	case aprobacion.Ejecutada:
		n.set(id, r, "estado", "ejecutada")
	}
}

func tellMarcas(n told, r eventstore.Recorded) {
	id := projections.Key(r.Stream)
	switch e := r.Event.(type) {
	case marca.Puesta:
		title, end := "", ""
		if e.Caduca != nil {
			title, end = "Calle cortada "+id[30:], instant(*e.Caduca)
		}
		n.set(id, r, "clase", string(e.Clase), "titulo", title, "lat", fmt.Sprint(e.Lat), "lon", fmt.Sprint(e.Lon), "zona", string(e.Zona),
			"autor", string(e.Autor), "puesta", instant(e.En), "caduca", end, "retirada", "", "retiro", "")
	case marca.Retirada:
		n.set(id, r, "retirada", instant(e.En), "retiro", string(e.Por))
	}
}

// tellAlarmas tells of alarms by the stream and version of their facts.
func tellAlarmas(n told, r eventstore.Recorded) {
	id := fmt.Sprintf("%s@%d", r.Stream, r.Version)
	switch e := r.Event.(type) {
	case auditoria.LecturaMasiva:
		n.set(id, r, "clase", "lectura_masiva", "usuario", string(e.Usuario), "lecturas", fmt.Sprint(e.Lecturas))
	case usuario.RolCambiado:
		if e.EnServidor {
			n.set(id, r, "clase", "administrador_en_servidor", "usuario", projections.Key(r.Stream), "lecturas", "0")
		}
	case sesion.FamiliaRevocada:
		n.set(id, r, "clase", "sesion_duplicada", "usuario", string(e.Usuario), "lecturas", "0")
	case operacion.AlertaAtendida:
		n.set(strings.TrimPrefix(string(r.Stream), "alerta-")+" atendida", r, "usuario", string(e.Usuario), "en", instant(e.En))
	}
}

// timesTold tells also who was on each Tarea, from its whole history.
func timesTold() func(told, eventstore.Recorded) {
	histories := map[string][]eventstore.Recorded{}
	return func(n told, r eventstore.Recorded) {
		tellTimes(n, r)
		if _, ok := r.Event.(tarea.Event); ok {
			id := projections.Key(r.Stream)
			histories[id] = append(histories[id], r)
			n.set(id, r, "trabajaron", "{"+strings.Join(crew(histories[id]), ",")+"}")
			offer, answer := delays(histories[id])
			n.set(id, r, "espera", offer, "llega", answer)
		}
	}
}

// delays says how many milliseconds passed until somebody was sought first, and until somebody was there:
// each from when it was due by what was known then.
func delays(history []eventstore.Recorded) (offer, answer string) {
	var made, due time.Time
	late := func(said *string, en time.Time) {
		if *said == "" {
			from := made
			if due.After(from) {
				from = due
			}
			*said = fmt.Sprint(max(0, en.Sub(from)).Milliseconds())
		}
	}
	for _, r := range history {
		switch e := r.Event.(type) {
		case tarea.Creada:
			made, due = e.En, e.InicioProgramado
		case tarea.Modificada:
			if e.InicioProgramado != nil {
				due = *e.InicioProgramado
			}
		case tarea.EfectivoOfrecido:
			late(&offer, e.En)
		case tarea.EfectivoAsignado:
			late(&offer, e.En)
		case tarea.EfectivoEnLugar:
			late(&answer, e.En)
		}
	}
	return offer, answer
}

// crew reads a history for those who worked: each in the order he was first sought in, by what
// came after he was sought last, or was last before some reopening.
func crew(history []eventstore.Recorded) (ids []string) {
	var sought []ident.Efectivo
	for _, r := range history {
		e, _, ok := seeks(r)
		if ok && !slices.Contains(sought, e) {
			sought = append(sought, e)
		}
	}
	before := map[string]bool{}
	for i, r := range history {
		if _, ok := r.Event.(tarea.Reabierta); ok {
			for _, id := range crew(history[:i]) {
				before[id] = true
			}
		}
	}
	for _, id := range sought {
		if before[string(id)] {
			ids = append(ids, string(id))
			continue
		}
		var ordered, accepted, moved, arrived, rejected, freed bool
		for _, r := range history {
			if e, order, ok := seeks(r); ok && e == id {
				ordered, accepted, moved, arrived, rejected, freed = order, false, false, false, false, false
			}
			switch e := r.Event.(type) {
			case tarea.AsignacionAceptada:
				accepted = accepted || e.Efectivo == id
			case tarea.EfectivoEnCamino:
				moved = moved || e.Efectivo == id
			case tarea.EfectivoEnLugar:
				arrived = arrived || e.Efectivo == id
			case tarea.AsignacionRechazada:
				rejected = rejected || e.Efectivo == id
			case tarea.EfectivoLiberado:
				freed = freed || e.Efectivo == id
			}
		}
		if !rejected && (accepted || arrived || !freed && (ordered || moved)) {
			ids = append(ids, string(id))
		}
	}
	return ids
}

// seeks says whom a fact offers a Tarea to, or orders to it.
func seeks(r eventstore.Recorded) (id ident.Efectivo, order, ok bool) {
	switch e := r.Event.(type) {
	case tarea.EfectivoOfrecido:
		return e.Efectivo, false, true
	case tarea.EfectivoAsignado:
		return e.Efectivo, true, true
	}
	return "", false, false
}

// tellTimes tells of shifts and of how long everything took; the first of several counts.
func tellTimes(n told, r eventstore.Recorded) {
	id := projections.Key(r.Stream)
	first := func(column string, en time.Time) {
		if n[id][column] == "" {
			n.set(id, r, column, instant(en))
			return
		}
		n.set(id, r)
	}
	switch e := r.Event.(type) {
	case tarea.Creada:
		n.set(id, r, "estado", "programada", "prioridad", "3", "ofrecida", "", "aceptada", "", "en_lugar", "", "inicio", "", "fin", "", "zona", "", "lat", "1")
	case tarea.EfectivoOfrecido:
		first("ofrecida", e.En)
	case tarea.EfectivoAsignado:
		first("ofrecida", e.En)
	case tarea.AsignacionAceptada:
		first("aceptada", e.En)
	case tarea.EfectivoEnLugar:
		first("en_lugar", e.En)
	case tarea.Iniciada:
		n.set(id, r, "estado", "en_curso", "inicio", instant(e.En))
		if e.Implicito { // nobody knows
			n.set(id, r, "inicio", "")
		}
	case tarea.Pausada:
		n.set(id, r, "estado", "pausada")
	case tarea.Reanudada:
		n.set(id, r, "estado", "en_curso")
	case tarea.Finalizada:
		n.set(id, r, "estado", "finalizada", "fin", instant(e.En))
	case tarea.PrioridadCambiada:
		n.set(id, r, "prioridad", "5")
	case tarea.Reabierta:
		n.set(id, r, "estado", "en_curso", "fin", "")
	case tarea.Modificada:
		switch {
		case e.SinZona:
			n.set(id, r, "zona", "", "lat", "")
			return
		case e.Zona == nil:
			n.set(id, r)
			return
		}
		n.set(id, r, "zona", string(*e.Zona), "lat", fmt.Sprint(e.Ubicacion.Lat))
	case tarea.AsignacionRechazada, tarea.EfectivoEnCamino, tarea.EfectivoLiberado:
		n.set(id, r)
	case efectivo.TurnoIniciado:
		n.set(string(e.Turno), r, "efectivo", projections.Key(r.Stream), "inicio", instant(e.En), "fin", "")
	case efectivo.TurnoFinalizado:
		n.set(string(e.Turno), r, "fin", instant(e.En))
	}
}

// The SQL that shows the same columns as texts; an instant in the form of RFC 3339.
const shown = `select %[2]s::text, %[3]s, posicion::text as posicion from lectura.%[1]s`

func stored(t *testing.T, db *pgtest.DB, table, key string, columns ...string) told {
	t.Helper()
	rows, err := db.App.Query(t.Context(), fmt.Sprintf(shown, table, key, strings.Join(columns, ", ")))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := told{}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, d := range rows.FieldDescriptions()[1:] {
			switch v := values[i+1].(type) {
			case nil:
				row[d.Name] = ""
			case time.Time:
				row[d.Name] = instant(v)
			default:
				row[d.Name] = fmt.Sprint(v)
			}
		}
		all[fmt.Sprint(values[0])] = row
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestOtherReadModelsAreTheNaiveFold: the same as TestReadModelsAreTheNaiveFold for the others,
// at every one of 1,000 positions.
func TestOtherReadModelsAreTheNaiveFold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	g, log := newRumour(t, 1000)
	head := log[len(log)-1].Position
	ps := []projections.Projection{usuarios.Projection{}, licencias.Projection{}, mapa.Projection{}, aprobaciones.Projection{}, alarmas.Projection{}, marcas.Projection{}, estadisticas.Projection{}}
	r := projections.NewRunner(db.App, g.b, g.b, projections.Options{Lease: time.Minute}, ps...)
	for _, m := range []struct {
		name string
		tell func(told, eventstore.Recorded)
		read func() told
	}{
		{usuarios.Name, tellUsuarios, func() told {
			return stored(t, db, "usuarios", "id", "rol", "estado", "telegram", "verificado", "segundo_factor", "simulado", "version_permiso")
		}},
		{licencias.Name, tellLicencias, func() told {
			return stored(t, db, "licencias", "id", "efectivo::text", "estado", "vigente", "desde", "resuelta")
		}},
		{mapa.Name, tellZonas, func() told {
			return stored(t, db, "zonas", "id", "nombre", "clase", "vacia", "to_char(ST_XMax(area::geometry), 'FM0.00') as lado")
		}},
		{aprobaciones.Name, tellAprobaciones, func() told {
			return stored(t, db, "aprobaciones", "id", "estado", "solicitante::text", "resolvio::text", "vence")
		}},
		{marcas.Name, tellMarcas, func() told {
			return stored(t, db, "marcas", "id", "clase", "titulo", "lat", "lon", "zona::text", "autor::text", "puesta", "caduca", "retirada", "retiro::text")
		}},
		{alarmas.Name, tellAlarmas, func() told {
			all := stored(t, db, "alarmas", "id", "clase", "usuario::text", "lecturas")
			maps.Copy(all, stored(t, db, "alarmas_atendidas", "alarma || ' atendida'", "usuario::text", "en"))
			return all
		}},
		{estadisticas.Name, timesTold(), func() told {
			all := stored(t, db, "turnos", "turno", "efectivo::text", "inicio", "fin")
			maps.Copy(all, stored(t, db, "tiempos", "tarea", "estado", "prioridad", "ofrecida", "aceptada", "en_lugar", "inicio", "fin", "zona::text", "lat", "trabajaron::text", "(oferta_s * 1000)::bigint as espera", "(respuesta_s * 1000)::bigint as llega"))
			return all
		}},
	} {
		n, failed := told{}, 0
		err := r.CatchUp(t.Context(), m.name, head, 1, func(at, _ int64) {
			m.tell(n, log[at-1])
			if failed > 2 {
				return
			}
			if diff := difference(n, m.read()); diff != "" {
				failed++
				t.Errorf("%s at %d (-naive +stored):\n%s", m.name, at, diff)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(n) < few-1 {
			t.Errorf("%s: only %d rows were told of", m.name, len(n))
		}
	}
	var parked int
	if err := db.App.QueryRow(t.Context(), "select count(*) from eventos.parked").Scan(&parked); err != nil || parked > 0 {
		t.Errorf("%d keys are parked, %v", parked, err)
	}
}
