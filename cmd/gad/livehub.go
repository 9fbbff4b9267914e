package main

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/jetstream"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tareas"
)

// logEpoch names the generation of the log. Only a restore raises it.
const logEpoch = "1"

// socketFace is the live layer as the REST face mounts it.
type socketFace struct {
	*live.Hub
	tickets *live.Tickets
}

// newHub makes the live layer. self is the public address of this process:
// pages that come from it may open sockets.
func (s *system) newHub(conn *nats.Conn, facts *jetstream.Consumer, self string) (socketFace, error) {
	tickets := live.NewTickets(0)
	// Beside the relay the store's own ring is nearer than the stream it feeds; a
	// node of its own hears through JetStream. Both promise the same.
	var source live.Facts = facts
	if s.settings.Has("relay") {
		source = s.store
	}
	hub, err := live.New(live.Deps{
		Facts: source, Log: s.store, Positions: jetstream.NewTelemetry(conn, s.telemetry, 0), Snapshots: snapshots{s.reads},
		Verifier: socketDoor{s},
		Tickets:  tickets, Catalog: s.catalog, Epoch: logEpoch, Origins: origins(self, s.settings.CORSOrigins),
		Admit: s.admitSocket, Deliveries: deliveries{s},
		Logger: s.log, Registry: s.metrics,
		Limits: live.Limits{
			Connections: s.settings.WSMaxConnections, PerUser: s.settings.WSMaxPerUser,
			PerBlock: s.settings.WSMaxPerBlock, Tick: s.settings.WSTick,
			Recheck: s.settings.SessionCheck,
		},
	})
	return socketFace{hub, tickets}, err
}

// deliveries records in the log whom an alert reached by a socket.
type deliveries struct{ s *system }

// Delivered implements live.Deliveries. The id of the order is one of the alert and of him:
// his other sockets, and other nodes, say the same once.
func (d deliveries) Delivered(ctx context.Context, alert string, to ident.Usuario) error {
	sum := sha256.Sum256([]byte("gad/entrega/1|ws|" + alert + "|" + string(to)))
	id := eventstore.CommandID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	_, err := d.s.dispatcher.Dispatch(ctx, commands.Order{
		ID: id, Keyed: true, Causation: "ws:entrega",
		Commands: []commands.Command{operacion.EntregarAlerta{
			OrdenAlerta: operacion.OrdenAlerta{ID: alert, Por: permiso.DelSistema("live"), En: time.Now().UTC().Truncate(time.Microsecond)},
			Usuario:     to, Canal: "ws",
		}},
	})
	return err
}

// socketDoor verifies who opens a socket, and whether his session is still open.
type socketDoor struct{ s *system }

// Verify implements live.Verifier.
func (d socketDoor) Verify(ctx context.Context, token string) (live.Identity, error) {
	id, err := d.s.issuer.Verify(ctx, token)
	if err == nil && id.Limited {
		err = auth.ErrSinSegundo
	}
	return live.Identity{Autor: id.Autor, Session: id.Session, Version: id.Version, Exp: id.Exp}, err
}

// Alive implements live.Sessions: the session is open, and its Usuario may do now what he
// might when he came.
func (d socketDoor) Alive(ctx context.Context, who live.Identity) (bool, error) {
	now, err := d.s.standing().Standing(ctx, who.Session, who.Autor.Usuario)
	return now.Open && now.Version <= who.Version, err
}

// origins lists from where browsers may come: the settings, and the program's own
// pages by address and, on loopback, by name.
func origins(self string, configured []string) []string {
	all := append([]string{self}, configured...)
	if port, ok := strings.CutPrefix(self, "http://127.0.0.1:"); ok {
		all = append(all, "http://localhost:"+port)
	}
	return all
}

// Ticket implements rest.Live.
func (f socketFace) Ticket(_ context.Context, id auth.Identity) (string, time.Time, error) {
	return f.tickets.Issue(live.Identity{Autor: id.Autor, Session: id.Session, Version: id.Version, Exp: id.Exp})
}

// Estado implements rest.Live.
func (f socketFace) Estado(context.Context) any { return f.Hub.Estado() }

var _ http.Handler = socketFace{}

// snapshots gives the live layer the lists it starts a session with.
type snapshots struct{ r readers }

// Tareas implements live.Snapshots.
func (q snapshots) Tareas(ctx context.Context, s projections.Scope, f tareas.Filter) (tareas.List, error) {
	return q.r.tareas.List(ctx, s, f)
}

// Efectivos implements live.Snapshots.
func (q snapshots) Efectivos(ctx context.Context, s projections.Scope, f efectivos.Filter) (efectivos.List, error) {
	return q.r.efectivos.List(ctx, s, f)
}

// Mapa implements live.Snapshots.
func (q snapshots) Mapa(ctx context.Context, s projections.Scope, a mapa.Area) (mapa.Mapa, error) {
	return q.r.mapa.Mapa(ctx, s, a)
}
