package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/cache"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/estadisticas"
	"github.com/grupo-gad/gad/projections/licencias"
	"github.com/grupo-gad/gad/projections/mapa"
	"github.com/grupo-gad/gad/projections/tablero"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// Orders is the one door for orders; commands.Dispatcher is it.
type Orders interface {
	Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error)
	Usuario(ctx context.Context, id ident.Usuario) (usuario.State, error)
	Tarea(ctx context.Context, id ident.Tarea) (tarea.State, error)
	Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error)
	Zona(ctx context.Context, id ident.Zona) (zona.State, error)
	Aprobacion(ctx context.Context, id ident.Aprobacion) (aprobacion.State, error)
}

// Log is what the faces of the auditors read.
type Log interface {
	eventstore.LogReader
	eventstore.StreamReader
	eventstore.CommandReader
	// ReadFacts returns the facts of some names in some streams, each stream in its order.
	ReadFacts(ctx context.Context, streams []eventstore.StreamID, names []string) ([]eventstore.Recorded, error)
}

// Intake takes positions. verdicts has one entry per fix.
type Intake interface {
	Receive(ctx context.Context, por permiso.Autor, id ident.Efectivo, fixes []efectivo.Fix, source string) (verdicts []efectivo.Recepcion, err error)
}

// Texts opens the texts behind commitments; what was erased is absent.
type Texts interface {
	Reveal(ctx context.Context, cs []sealed.Commitment) (map[sealed.Commitment]string, error)
}

// Waiter waits until a projection has reached a position.
type Waiter interface {
	WaitFor(ctx context.Context, projection string, min eventstore.Position) error
}

// The read models.
type (
	// TareasReader reads Tareas.
	TareasReader interface {
		Get(ctx context.Context, s projections.Scope, idOrCodigo string) (tareas.Tarea, error)
		Completa(ctx context.Context, s projections.Scope, idOrCodigo string) (tareas.Completa, error)
		List(ctx context.Context, s projections.Scope, f tareas.Filter) (tareas.List, error)
		Each(ctx context.Context, s projections.Scope, f tareas.Filter, begin func(posicion int64) error, take func(tareas.Tarea) error) error
	}
	// EfectivosReader reads Efectivos.
	EfectivosReader interface {
		Get(ctx context.Context, s projections.Scope, id ident.Efectivo) (efectivos.Efectivo, error)
		List(ctx context.Context, s projections.Scope, f efectivos.Filter) (efectivos.List, error)
		Alcanzados(ctx context.Context, s projections.Scope, ids []ident.Efectivo) (map[ident.Efectivo]bool, error)
		Codigos(ctx context.Context, s projections.Scope) (map[ident.Efectivo]string, error)
	}
	// MapaReader reads the map.
	MapaReader interface {
		ZonaDe(ctx context.Context, lugar geo.Punto) (ident.Zona, error)
		Cercanos(ctx context.Context, s projections.Scope, lat, lon, radioM float64, limite int, soloDisponibles bool) (mapa.Cercanos, error)
		Mapa(ctx context.Context, s projections.Scope, a mapa.Area) (mapa.Mapa, error)
		Zonas(ctx context.Context, s projections.Scope, box [4]float64) ([]mapa.ZonaEnMapa, eventstore.Position, error)
		Zona(ctx context.Context, s projections.Scope, id ident.Zona) (mapa.ZonaEnMapa, error)
		Recorrido(ctx context.Context, s projections.Scope, id ident.Efectivo, desde, hasta time.Time) (mapa.Recorrido, error)
	}
	// TableroReader reads the figures.
	TableroReader interface {
		Resumen(ctx context.Context, s projections.Scope) (tablero.Resumen, error)
	}
	// LicenciasReader reads leaves.
	LicenciasReader interface {
		Get(ctx context.Context, s projections.Scope, id ident.Licencia) (licencias.Licencia, error)
		List(ctx context.Context, s projections.Scope, f licencias.Filter) (licencias.List, error)
	}
	// EstadisticasReader reads the figures behind the figures.
	EstadisticasReader interface {
		Tareas(ctx context.Context, s projections.Scope, p estadisticas.Periodo, por estadisticas.Por) (estadisticas.Cuentas, error)
		Tiempos(ctx context.Context, s projections.Scope, p estadisticas.Periodo) (estadisticas.Tiempos, error)
		Persona(ctx context.Context, s projections.Scope, id ident.Usuario, days int) (estadisticas.Persona, error)
		Dotacion(ctx context.Context, s projections.Scope, q estadisticas.Consulta) (estadisticas.Dotacion, error)
		Calor(ctx context.Context, s projections.Scope, p estadisticas.Periodo, grano int) (estadisticas.Calor, error)
	}
	// UsuariosReader reads who somebody is.
	UsuariosReader interface {
		Get(ctx context.Context, id ident.Usuario) (usuarios.Usuario, error)
		Ver(ctx context.Context, s projections.Scope, id ident.Usuario) (usuarios.Usuario, error)
		List(ctx context.Context, s projections.Scope, f usuarios.Filter) (usuarios.List, error)
	}
)

// Cache is what operators see of the calculated answers; cache.Cache is it.
type Cache interface {
	Estado(ctx context.Context) cache.Estado
	// Forget removes one key, or all of them, and says how many there were.
	Forget(ctx context.Context, key string) (int64, error)
}

// Projections says how far the read models are; projections.Runner does.
type Projections interface {
	Status(ctx context.Context) ([]projections.Status, error)
	Parked(ctx context.Context) ([]projections.Parked, error)
}

// Rebuilds has read models made anew; projections.Rebuilds does.
type Rebuilds interface {
	Check(ctx context.Context, projection string, c projections.Clase) error
	Ask(ctx context.Context, id, projection string, c projections.Clase, accept bool) (projections.Reconstruccion, error)
	Last(ctx context.Context) ([]projections.Reconstruccion, error)
}

// Links makes one-time codes that tie a Telegram account to a Usuario.
type Links interface {
	NewLinkCode(ctx context.Context, id ident.Usuario) (code string, expires time.Time, err error)
}

// Live is the WebSocket face, when this process has one.
type Live interface {
	http.Handler // GET /ws
	// Ticket returns a one-time ticket that opens a socket as id.
	Ticket(ctx context.Context, id auth.Identity) (ticket string, expires time.Time, err error)
	// Estado describes connections and lag, for operators.
	Estado(ctx context.Context) any
}

// Health answers the probes; ops/obs does.
type Health interface {
	Livez() http.Handler
	Readyz() http.Handler
	Details() http.Handler
}

// Fingerprints tell whether two orders under one key are the same, without keeping
// what they said.
type Fingerprints interface {
	Make(ctx context.Context, parts ...string) ([]byte, error)
	Same(ctx context.Context, stored []byte, parts ...string) (bool, error)
}

// Observer is told of every answered request; route is the pattern, never the path.
type Observer interface {
	Observe(method, route string, status int, took time.Duration)
}

// Deps are what an API stands on. Live, Observer and Health may be nil: their
// routes are then not mounted.
type Deps struct {
	Orders Orders
	Log    Log
	Intake Intake
	Texts  Texts
	Waiter Waiter

	Tareas       TareasReader
	Efectivos    EfectivosReader
	Mapa         MapaReader
	Tablero      TableroReader
	Usuarios     UsuariosReader
	Aprobaciones AprobacionesReader
	Alarmas      AlarmasReader

	// Skipper, Exporter and Eraser carry out what two have agreed on; nil where a process cannot.
	Skipper   Skipper
	Exporter  Exporter
	Contents  Contents // of attachments; nil where a process keeps none
	Eraser    Eraser
	Licencias LicenciasReader
	Marcas    MarcasReader

	Estadisticas EstadisticasReader
	Cache        Cache
	Projections  Projections
	Rebuilds     Rebuilds
	Ajustes      []Ajuste     // those this process runs with, secrets masked
	Recomendador Recomendador // nil: this process takes no emergencies

	Door     *auth.Door
	Links    Links
	Live     Live
	Health   Health
	Observer Observer
	Limiter  Limiter // nil: nobody is limited

	Fingerprints Fingerprints
	Now          func() time.Time
	Logger       *slog.Logger
	Settings     Settings
}

// Settings of the HTTP face.
type Settings struct {
	Production     bool             // HSTS; nothing simulated is accepted
	CORSOrigins    []string         // exact origins; empty: same origin only
	Hosts          []string         // names this server answers to; empty: any
	TrustedProxies []netip.Prefix   // whose X-Forwarded-* is believed; empty: nobody's
	HandlerTimeout time.Duration    // 0 means 10 s
	Recomendar     time.Duration    // how long an emergency waits to be told who should go; 0 means 1 s
	Situar         time.Duration    // how long an order waits to be told a place, or its Zona; 0 means 1 s
	LiveOnly       bool             // of /api/v1 only what opens sockets: another process takes orders
	Limits         Limits           // zero rules limit nobody
	PublicURL      string           // how people reach this server; empty: as the request did
	ApprovalTTL    time.Duration    // how long a request waits for a second person; 0 means 24 h
	Lecturas       auditoria.Limite // of other people's data before it is an alarm; zero: the default
	Criterios      tarea.Criterios  // of recommendations; zero: those of the operation's default
	Attachments    Attachments      // zero: its defaults
	Zone           *time.Location   // of the operation; nil: UTC
	AliasesUntil   time.Time        // when the predecessor's addresses go; zero: not said
}

// API serves the routes.
type API struct {
	Deps
	bodyLimits  map[string]int64 // by method and pattern; whole before the first request
	exports     chan struct{}    // a slot per download under way
	transfers   chan struct{}    // and per attachment on its way
	crossOrigin *http.CrossOriginProtection
	printed     *lru.Cache[question, printing]
}

// New checks its dependencies and returns an API.
func New(d Deps) (*API, error) {
	if d.Orders == nil || d.Log == nil || d.Door == nil || d.Fingerprints == nil {
		return nil, errors.New("the REST face needs orders, a log, a door and fingerprints")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	if d.Settings.Criterios == (tarea.Criterios{}) {
		d.Settings.Criterios = tarea.CriteriosPorDefecto()
	}
	if d.Settings.Zone == nil {
		d.Settings.Zone = time.UTC
	}
	if d.Settings.HandlerTimeout == 0 {
		d.Settings.HandlerTimeout = 10 * time.Second
	}
	if d.Settings.Recomendar == 0 {
		d.Settings.Recomendar = time.Second
	}
	if d.Settings.Situar == 0 {
		d.Settings.Situar = time.Second
	}
	if d.Settings.Attachments.MaxBytes == 0 {
		d.Settings.Attachments.MaxBytes = 10 << 20
	}
	if len(d.Settings.Attachments.Types) == 0 {
		d.Settings.Attachments.Types = DefaultTypes()
	}
	if d.Settings.ApprovalTTL == 0 {
		d.Settings.ApprovalTTL = 24 * time.Hour
	}
	printed, err := lru.New[question, printing](maxPrinted)
	if err != nil {
		return nil, fmt.Errorf("make the cache of figures: %w", err)
	}
	a := &API{Deps: d, printed: printed, exports: make(chan struct{}, exportsAtOnce), transfers: make(chan struct{}, transfersAtOnce), bodyLimits: map[string]int64{}, crossOrigin: http.NewCrossOriginProtection()}
	for _, origin := range d.Settings.CORSOrigins {
		if err := a.crossOrigin.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("origin %s: %w", origin, err)
		}
	}
	for _, rt := range a.routes() {
		if err := rt.acceso().Declarado(); err != nil {
			return nil, err
		}
		a.bodyLimits[rt.method+" "+rt.path] = rt.bodyLimit()
	}
	return a, nil
}

// Register mounts every route on e.
func (a *API) Register(e *echo.Echo) {
	table := a.routes()
	if a.Settings.LiveOnly {
		table = slices.DeleteFunc(table, func(r route) bool {
			return strings.HasPrefix(r.path, prefix+"/") && !strings.HasPrefix(r.path, prefix+"/ws/")
		})
	}
	for _, r := range table {
		e.Add(r.method, r.path, a.serve(r))
	}
	// Whatever else is mounted on e (the dashboard takes every other path), an
	// unknown address of the API is a problem and never a page.
	e.RouteNotFound("/api/*", func(c echo.Context) error { return absent(c, table) })
}

// absent tells an address that is not there from one that takes other methods.
// echo leaves the difference to whoever catches all: it has chosen us already.
func absent(c echo.Context, table []route) error {
	var methods []string
	for _, rt := range table {
		if matches(rt.path, c.Request().URL.Path) {
			methods = append(methods, rt.method)
		}
	}
	if methods == nil {
		return problem.ErrRuta
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(methods, ", "))
	return problem.ErrMetodo
}

// matches reports whether a path is one of a pattern's.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (!strings.HasPrefix(want[i], ":") || got[i] == "") {
			return false
		}
	}
	return true
}
