package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
)

// Recomendador says who should go to a place.
type Recomendador = commands.Recomendador

var errSinRecomendacion = fault.New(fault.NotFound, "recomendacion_no_existe", "la tarea no tiene recomendación, ni lugar para hacer una")

// maxResumen bounds the title that is made of a description, in characters.
const maxResumen = 80

// emergencia is the answer to POST /emergencias.
type emergencia struct {
	Tarea         string              `json:"tarea"`
	Codigo        string              `json:"codigo"`
	Recomendacion *vistaRecomendacion `json:"recomendacion"`
	OfrecidaA     *ident.Efectivo     `json:"ofrecida_a"`
	DistanciaM    *float64            `json:"distancia_m"` // of who was offered it, for those who may see him
	Vence         *time.Time          `json:"vence"`       // of the offer
	Alarma        string              `json:"alarma,omitzero"`
	Version       int64               `json:"version"`
	Posicion      int64               `json:"posicion"`
	Repetida      bool                `json:"repetida,omitzero"`
}

// crearEmergencia serves POST /emergencias: the Tarea, who should go, and the offer to
// the best of them, in one order.
func (a *API) crearEmergencia(r *request) error {
	var body struct {
		Lat         *float64 `json:"lat"`
		Lon         *float64 `json:"lon"`
		Descripcion string   `json:"descripcion"`
		Telefono    string   `json:"telefono"`
		Simulada    bool     `json:"simulada"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	var wrong []fault.Field
	if body.Lat == nil || !(geo.Punto{Lat: *body.Lat}).Valido() {
		wrong = append(wrong, fault.Field{Name: "lat", Message: "falta, o no va de -90 a 90"})
	}
	if body.Lon == nil || !(geo.Punto{Lon: *body.Lon}).Valido() {
		wrong = append(wrong, fault.Field{Name: "lon", Message: "falta, o no va de -180 a 180"})
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(body.Descripcion)); n == 0 || n > maxFree {
		wrong = append(wrong, fault.Field{Name: "descripcion", Message: fmt.Sprintf("lleva de 1 a %d caracteres", maxFree)})
	}
	if body.Simulada && a.Settings.Production {
		wrong = append(wrong, fault.Field{Name: "simulada", Message: errSimulado.Message})
	}
	if len(wrong) > 0 {
		return tarea.ErrDatos.With(wrong...)
	}
	lugar := geo.Punto{Lat: *body.Lat, Lon: *body.Lon}
	id := uuid.Must(uuid.NewV7()).String()
	o := tarea.Orden{ID: ident.Tarea(id), Por: r.who.Autor, En: r.now}
	var (
		rec        tarea.Recomendacion
		siguientes []ident.Efectivo
		zona       ident.Zona
	)
	// Somebody is bleeding: what does not depend on each other is asked at once.
	asked, ctx := errgroup.WithContext(r.Request().Context())
	asked.Go(func() (err error) {
		rec, siguientes, err = a.recomienda(ctx, lugar, r.now)
		return err
	})
	asked.Go(func() error {
		zona = a.zonaDe(ctx, lugar)
		return nil
	})
	if err := asked.Wait(); err != nil {
		return err
	}
	answer, err := a.order(
		r,
		tarea.Crear{
			Orden: o, Titulo: commands.Seal(id, "titulo", "Emergencia: "+resumen(body.Descripcion)),
			Descripcion: commands.Seal(id, "descripcion", body.Descripcion), Telefono: commands.Seal(id, "telefono", body.Telefono),
			Tipo: tarea.Emergencia, Prioridad: tarea.Critica, Ubicacion: &tarea.Lugar{Punto: lugar}, Zona: zona, Simulada: body.Simulada,
		},
		tarea.EmitirRecomendacion{Orden: o, Recomendacion: rec},
		tarea.Ofrecer{Orden: o, Siguientes: siguientes},
	)
	if err != nil {
		return err
	}
	out := emergencia{
		Tarea: aggregateID(answer.Stream), Codigo: answer.Codigo, Version: int64(answer.Version), Posicion: int64(answer.Position), Repetida: answer.Repeated,
	}
	facts := answer.Facts
	if answer.Repeated {
		if facts, err = a.recorded(r, answer.Stream); err != nil {
			return err
		}
	}
	if err := a.resolved(r, facts, &out); err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set(echo.HeaderLocation, prefix+"/tareas/"+out.Tarea)
	h.Set("ETag", etag(out.Version))
	h.Set(headerPosition, strconv.FormatInt(out.Posicion, 10))
	return write(r.Context, http.StatusCreated, echo.MIMEApplicationJSON, out)
}

// recomienda ranks who should go. While that cannot be told it is as if there were nobody: the
// Tarea is taken, whoever commands hears that nobody has it, and the policies look again. The only
// error is that of a caller who has left.
func (a *API) recomienda(ctx context.Context, lugar geo.Punto, en time.Time) (tarea.Recomendacion, []ident.Efectivo, error) {
	bounded, cancel := context.WithTimeout(ctx, a.Settings.Recomendar)
	defer cancel()
	rec, siguientes, err := a.Recomendador.Recomendar(bounded, lugar, en, a.Settings.Criterios)
	if err == nil {
		return rec, siguientes, nil
	}
	if ctx.Err() == nil {
		a.Logger.WarnContext(ctx, "an emergency is taken without anybody to offer it to", slog.Any("error", err))
	}
	return tarea.Recomendacion{Criterios: a.Settings.Criterios}, nil, ctx.Err()
}

// zonaDe is the Zona of a place: the people on duty in it hear of what is urgent. While that
// cannot be told there is none: fewer hear of it, where without the Tarea nobody would.
func (a *API) zonaDe(ctx context.Context, lugar geo.Punto) ident.Zona {
	zona, err := a.buscaZona(ctx, lugar)
	if err != nil && ctx.Err() == nil {
		a.Logger.WarnContext(ctx, "a tarea is taken without the zona of its place", slog.Any("error", err))
	}
	return zona // "" with an error
}

// buscaZona is the Zona of a place, "" when it lies in none, as far as that can be told in time.
func (a *API) buscaZona(ctx context.Context, lugar geo.Punto) (ident.Zona, error) {
	bounded, cancel := context.WithTimeout(ctx, a.Settings.Situar)
	defer cancel()
	return a.Mapa.ZonaDe(bounded, lugar)
}

// recorded are the facts of a stream.
func (a *API) recorded(r *request, stream eventstore.StreamID) (facts []event.Event, err error) {
	for rec, err := range a.Log.ReadStream(r.Request().Context(), stream, 0) {
		if err != nil {
			return nil, err
		}
		facts = append(facts, rec.Event)
	}
	return facts, nil
}

// resolved tells what the order came to from its facts, the same for whoever repeats it.
func (a *API) resolved(r *request, facts []event.Event, out *emergencia) (err error) {
	for _, e := range facts {
		switch e := e.(type) {
		case tarea.RecomendacionEmitida:
			if out.Recomendacion, err = a.vista(r, e.Recomendacion, &e.En); err != nil {
				return err
			}
		case tarea.EfectivoOfrecido:
			out.OfrecidaA, out.Vence = &e.Efectivo, &e.Vence
			if v := out.Recomendacion; v != nil {
				if i := slices.IndexFunc(v.Candidatos, func(c candidato) bool { return c.Efectivo == e.Efectivo }); i >= 0 {
					out.DistanciaM = &v.Candidatos[i].DistanciaM
				}
			}
			return nil
		case tarea.Escalada:
			out.Alarma = string(tarea.PorSinEfectivos)
			return nil
		}
	}
	return nil
}

func resumen(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxResumen {
		return s
	}
	return string([]rune(s)[:maxResumen-1]) + "…"
}

// vistaRecomendacion is a recommendation in the words of the people who read it.
type vistaRecomendacion struct {
	Emitida       *time.Time      `json:"emitida"` // null: computed now, kept nowhere
	Criterios     tarea.Criterios `json:"criterios"`
	Candidatos    []candidato     `json:"candidatos"`
	MasCandidatos int             `json:"mas_candidatos"`
	Descartados   []descartado    `json:"descartados"`
	Exclusiones   []exclusion     `json:"descartados_por_motivo"`
	Coincide      *bool           `json:"coincide,omitzero"` // computed again, the ranking is the same
}

type candidato struct {
	Efectivo   ident.Efectivo `json:"efectivo"`
	DistanciaM float64        `json:"distancia_m"`
	EtaS       float64        `json:"eta_s"`
	Puntaje    float64        `json:"puntaje"`
	Motivos    []string       `json:"motivos"`
}

type descartado struct {
	Efectivo   ident.Efectivo  `json:"efectivo"`
	Motivo     tarea.Exclusion `json:"motivo"`
	DistanciaM *float64        `json:"distancia_m"`
}

type exclusion struct {
	Motivo   tarea.Exclusion `json:"motivo"`
	Cantidad int             `json:"cantidad"`
}

// vista shows who should go to those who may see them; others see how many there were.
func (a *API) vista(req *request, r tarea.Recomendacion, emitida *time.Time) (*vistaRecomendacion, error) {
	v := &vistaRecomendacion{
		Emitida: emitida, Criterios: r.Criterios, MasCandidatos: r.Mas, Candidatos: []candidato{}, Descartados: []descartado{}, Exclusiones: []exclusion{},
	}
	for _, e := range r.Exclusiones {
		v.Exclusiones = append(v.Exclusiones, exclusion{e.Causa, e.Cantidad})
	}
	seen, err := a.alcanza(req, r)
	if err != nil {
		return nil, err
	}
	for i, c := range r.Candidatos {
		if !seen(c.Efectivo) {
			v.MasCandidatos++
			continue
		}
		v.Candidatos = append(v.Candidatos, candidato{c.Efectivo, valor(c.DistanciaM), c.EtaS, c.Puntaje, motivos(i, c)})
	}
	for _, d := range r.Descartados {
		if seen(d.Efectivo) {
			v.Descartados = append(v.Descartados, descartado{d.Efectivo, d.Causa, d.DistanciaM})
		}
	}
	return v, nil
}

// alcanza tells which Efectivos of recommendations the caller may see.
func (a *API) alcanza(req *request, all ...tarea.Recomendacion) (seen func(ident.Efectivo) bool, err error) {
	s := projections.ScopeOf(req.who.Autor, permiso.EfectivoLeer)
	if s.Alcance == permiso.Todo {
		return func(ident.Efectivo) bool { return true }, nil
	}
	var ids []ident.Efectivo
	for _, r := range all {
		for _, c := range r.Candidatos {
			ids = append(ids, c.Efectivo)
		}
		for _, d := range r.Descartados {
			ids = append(ids, d.Efectivo)
		}
	}
	if s.Alcance < permiso.EnJurisdiccion {
		ids = nil
	}
	reached, err := a.Efectivos.Alcanzados(req.Request().Context(), s, ids)
	return func(id ident.Efectivo) bool { return reached[id] }, err
}

func valor(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

var ganaPor = map[tarea.Criterio]string{
	tarea.PorDistancia: "está más cerca que el siguiente", tarea.PorCarga: "a igual distancia, tuvo menos tareas en su turno que el siguiente",
	tarea.PorDescanso: "a igual distancia y tareas, descansó más que el siguiente", tarea.PorIdentificador: "en todo igual al siguiente",
	tarea.PorUltimo: "no hay otro después",
}

// motivos says why somebody stands where he stands.
func motivos(i int, c tarea.Candidato) []string {
	return []string{
		fmt.Sprintf("puesto %d: %s", i+1, ganaPor[c.Gana]),
		fmt.Sprintf("a %.0f m, unos %.0f min", valor(c.DistanciaM), max(1, c.EtaS/60)),
		fmt.Sprintf("de turno y disponible, con posición de hace %.0f s", valor(c.AntiguedadS)),
		fmt.Sprintf("tareas en este turno: %d; libre desde hace %.0f min", c.Carga, c.DescansoS/60),
	}
}

// recomendacion serves GET /tareas/{id}/recomendacion: the one that was recorded, or for
// a Tarea without one who should go now. recalcular computes the recorded one again from
// its stored inputs.
func (a *API) recomendacion(r *request) error {
	q := r.query()
	again := q.boolean("recalcular")
	if err := q.err(); err != nil {
		return err
	}
	if err := a.await(r, "tareas"); err != nil {
		return err
	}
	t, err := a.readTarea(r)
	if err != nil {
		return err
	}
	var last *tarea.RecomendacionEmitida
	for rec, err := range a.Log.ReadStream(r.Request().Context(), eventstore.StreamID(t.ID.Stream()), 0) {
		if err != nil {
			return err
		}
		if e, ok := rec.Event.(tarea.RecomendacionEmitida); ok {
			last = &e
		}
	}
	if last != nil {
		shown := last.Recomendacion
		if again != nil && *again {
			shown = last.Recalcular()
		}
		v, err := a.vista(r, shown, &last.En)
		if err != nil {
			return err
		}
		if again != nil && *again {
			v.Coincide = new(shown.Igual(last.Recomendacion))
		}
		return r.ok(t.Posicion, v)
	}
	if t.Ubicacion == nil || !t.Estado.Abierta() {
		return errSinRecomendacion
	}
	rec, _, err := a.Recomendador.Recomendar(r.Request().Context(), geo.Punto{Lat: t.Ubicacion.Lat, Lon: t.Ubicacion.Lon}, r.now, a.Settings.Criterios)
	if err != nil {
		return err
	}
	v, err := a.vista(r, rec, nil)
	if err != nil {
		return err
	}
	return r.ok(t.Posicion, v)
}
