package rest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
	"github.com/grupo-gad/gad/projections/mapa"
)

// zonas serves GET /zonas: those in force, of the whole Earth or of a box.
func (a *API) zonas(r *request) error {
	q := r.query()
	box := q.box()
	if err := q.err(); err != nil {
		return err
	}
	if box == nil {
		box = &[4]float64{-180, -90, 180, 90}
	}
	if err := a.await(r, "mapa"); err != nil {
		return err
	}
	zonas, at, err := a.Mapa.Zonas(r.Request().Context(), r.scope(), *box)
	if err != nil {
		return err
	}
	return r.ok(int64(at), struct {
		Datos     []mapa.ZonaEnMapa `json:"datos"`
		Total     int               `json:"total"`
		Siguiente *string           `json:"siguiente"`
		Posicion  int64             `json:"posicion"`
	}{zonas, len(zonas), nil, int64(at)})
}

// zona serves GET /zonas/{id}.
func (a *API) zona(r *request) error {
	id, err := pathID[ident.Zona](r, "id")
	if err != nil {
		return err
	}
	if err := a.await(r, "mapa"); err != nil {
		return err
	}
	z, err := a.Mapa.Zona(r.Request().Context(), r.scope(), id)
	if err != nil {
		return err
	}
	r.Response().Header().Set("ETag", etag(z.Version))
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, z)
}

// zonaDada is a Zona in a body: {nombre, clase, geometria, ...}, or a GeoJSON Feature
// whose properties hold what is no geometry. A Point with radio_m is a circle.
type zonaDada struct {
	datosZona
	Geometria  jsontext.Value `json:"geometria"`
	Type       string         `json:"type"`
	Geometry   jsontext.Value `json:"geometry"`
	Properties *datosZona     `json:"properties"`
}

type datosZona struct {
	Nombre   string        `json:"nombre"`
	Clase    string        `json:"clase"`
	RadioM   float64       `json:"radio_m"`
	Reglas   zona.Reglas   `json:"reglas"`
	Horarios []zona.Franja `json:"horarios"`
}

func (body *zonaDada) definir() (zona.Definir, error) {
	field, data := "geometria", body.datosZona
	if body.Type != "" || body.Properties != nil || body.Geometry != nil {
		if body.Type != "Feature" || body.Properties == nil || body.Geometria != nil {
			return zona.Definir{}, errGeometria.With(fault.Field{Name: "type", Message: "es un Feature con geometry y properties, o van nombre, clase y geometria"})
		}
		field, body.Geometria, data = "geometry", body.Geometry, *body.Properties
	}
	if body.Geometria == nil {
		return zona.Definir{}, needed(dato{"nombre", data.Nombre != ""}, dato{"clase", data.Clase != ""}, dato{field, false})
	}
	c := zona.Definir{Nombre: data.Nombre, Clase: zona.Clase(strings.ToLower(data.Clase)), Reglas: data.Reglas, Horarios: data.Horarios}
	var point struct {
		Type        string    `json:"type"`
		Coordinates []float64 `json:"coordinates"`
	}
	if err := json.Unmarshal(body.Geometria, &point); err == nil && point.Type == "Point" {
		if len(point.Coordinates) != 2 {
			return c, errGeometria.With(fault.Field{Name: field + ".coordinates", Message: "es [lon, lat]"})
		}
		c.Circulo = &zona.Circulo{Centro: geo.Punto{Lat: point.Coordinates[1], Lon: point.Coordinates[0]}, RadioM: data.RadioM}
		return c, nil
	}
	var err error
	c.Poligonos, err = polygons(field, body.Geometria)
	return c, err
}

// definirZona serves POST /zonas.
func (a *API) definirZona(r *request) error {
	var body zonaDada
	if err := r.bind(&body, false); err != nil {
		return err
	}
	c, err := body.definir()
	if err != nil {
		return err
	}
	c.Orden = zona.Orden{ID: ident.Zona(uuid.Must(uuid.NewV7()).String()), Por: r.who.Autor, En: r.now}
	return a.create(r, "/zonas", c)
}

// modificarZona serves PUT /zonas/{id}: the Zona is what the body says.
func (a *API) modificarZona(r *request) error {
	id, err := pathID[ident.Zona](r, "id")
	if err != nil {
		return err
	}
	var body zonaDada
	if err := r.bind(&body, false); err != nil {
		return err
	}
	c, err := body.definir()
	if err != nil {
		return err
	}
	c.Orden = zona.Orden{ID: id, Por: r.who.Autor, En: r.now}
	return a.command(r, zona.Modificar(c))
}

// polygons reads a Polygon or MultiPolygon. GeoJSON puts the longitude first.
func polygons(field string, text jsontext.Value) ([]zona.Poligono, error) {
	var g struct {
		Type        string         `json:"type"`
		Coordinates jsontext.Value `json:"coordinates"`
		BBox        []float64      `json:"bbox"`
	}
	if err := json.Unmarshal(text, &g, json.RejectUnknownMembers(true)); err != nil {
		return nil, errGeometria.Because(err).With(fault.Field{Name: field, Message: "lleva type y coordinates"})
	}
	var multi [][][][]float64
	var err error
	switch g.Type {
	case "Polygon":
		multi = make([][][][]float64, 1)
		err = json.Unmarshal(g.Coordinates, &multi[0])
	case "MultiPolygon":
		err = json.Unmarshal(g.Coordinates, &multi)
	default:
		return nil, errGeometria.With(fault.Field{Name: field + ".type", Message: "puede ser Polygon o MultiPolygon"})
	}
	if err != nil {
		return nil, errGeometria.Because(err).With(fault.Field{Name: field + ".coordinates", Message: "son listas de puntos [lon, lat]"})
	}
	shape := make([]zona.Poligono, len(multi))
	for i, polygon := range multi {
		shape[i] = make(zona.Poligono, len(polygon))
		for j, ring := range polygon {
			shape[i][j] = make([]geo.Punto, len(ring))
			for k, point := range ring {
				if len(point) < 2 || len(point) > 3 { // an altitude is allowed, and of no use to us
					return nil, errGeometria.With(fault.Field{Name: fmt.Sprintf("%s.coordinates[%d][%d][%d]", field, i, j, k), Message: "es [lon, lat]"})
				}
				shape[i][j][k] = geo.Punto{Lat: point[1], Lon: point[0]}
			}
		}
	}
	return shape, nil
}

// eliminarZona serves DELETE /zonas/{id}.
func (a *API) eliminarZona(r *request) error {
	id, err := pathID[ident.Zona](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&struct{}{}, true); err != nil {
		return err
	}
	return a.command(r, zona.Eliminar{Orden: zona.Orden{ID: id, Por: r.who.Autor, En: r.now}})
}

// knownZona reads a reference to a Zona that must be on the map.
func (a *API) knownZona(r *request, field, text string) (ident.Zona, error) {
	id, err := bodyID[ident.Zona](field, text)
	if err != nil {
		return "", err
	}
	state, err := a.Orders.Zona(r.Request().Context(), id)
	if err != nil {
		return "", err
	}
	if !state.Existe() {
		if again, err := a.repeats(r); err != nil || again {
			return id, err
		}
		return "", errReferencia.With(fault.Field{Name: field, Message: zona.ErrNoExiste.Message})
	}
	return id, nil
}
