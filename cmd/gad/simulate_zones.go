package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/zona"
)

// simZone is a Zona that the operation watches.
type simZone struct {
	name     string
	geometry any // GeoJSON
	rules    simRules
}

// simRules are what a Zona asks to be told of.
type simRules struct {
	Entrada  bool `json:"entrada"`
	Salida   bool `json:"salida"`
	VaciaMin int  `json:"vacia_min"`
}

// emptyFor is for how many minutes a Zona of a run may be empty that minds.
const emptyFor = 60

// watched gives some of the Zonas rules: of eight, one minds who comes in, one who goes out,
// and two that nobody is there.
func watched(zones []simZone) []simZone {
	for i := range zones {
		switch r := &zones[i].rules; i % 8 {
		case 0:
			r.Entrada = true
		case 4:
			r.Salida = true
		case 2, 6:
			r.VaciaMin = emptyFor
		}
	}
	return zones
}

// maxZonesFile bounds a file of Zonas, unpacked.
const maxZonesFile = 64 << 20

// readZones reads a GeoJSON FeatureCollection, gzip or not. A feature's name is its property
// nombre, name or BARRIO; one without a name or of another shape than a polygon is an error,
// for a map with holes in it is worse than none.
func readZones(path string) (zones []simZone, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("abrir las zonas: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		unpacked, err := gzip.NewReader(file)
		if err != nil {
			return nil, fmt.Errorf("abrir %s: %w", path, err)
		}
		defer unpacked.Close() //nolint:errcheck // only read
		r = unpacked
	}
	var collection struct {
		Features []struct {
			Properties map[string]any `json:"properties"`
			Geometry   struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if err := json.NewDecoder(io.LimitReader(r, maxZonesFile)).Decode(&collection); err != nil {
		return nil, fmt.Errorf("leer %s como GeoJSON: %w", path, err)
	}
	for i, f := range collection.Features {
		name := ""
		for _, key := range []string{"nombre", "name", "BARRIO"} {
			if text, ok := f.Properties[key].(string); ok && name == "" {
				name = strings.TrimSpace(text)
			}
		}
		if n := utf8.RuneCountInString(name); n == 0 || n > 120 {
			return nil, fmt.Errorf("%s: la figura %d no tiene un nombre de 1 a 120 caracteres", path, i+1)
		}
		if f.Geometry.Type != "Polygon" && f.Geometry.Type != "MultiPolygon" {
			return nil, fmt.Errorf("%s: %s es %q, va Polygon o MultiPolygon", path, name, f.Geometry.Type)
		}
		zones = append(zones, simZone{name: name, geometry: f.Geometry})
	}
	if len(zones) == 0 {
		return nil, fmt.Errorf("%s no tiene ninguna figura", path)
	}
	return zones, nil
}

// define draws the Zonas that the system does not have yet: a run can be repeated.
func (s *simulation) define(ctx context.Context, zones []simZone) error {
	if len(zones) == 0 {
		return nil
	}
	list, err := s.drawn(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, z := range list {
		known[z.Nombre] = true
	}
	for _, z := range zones {
		if known[z.name] {
			continue
		}
		err := s.desk.do(ctx, http.MethodPost, "/zonas", map[string]any{
			"nombre": z.name, "clase": "jurisdiccion", "geometria": z.geometry, "reglas": z.rules,
		}, nil)
		if err != nil {
			return fmt.Errorf("definir la zona %s: %w", z.name, err)
		}
		known[z.name] = true
	}
	s.stats.Zonas = len(zones)
	if list, err = s.drawn(ctx); err != nil {
		return err
	}
	for _, z := range list {
		if slices.ContainsFunc(zones, func(o simZone) bool { return o.name == z.Nombre }) {
			s.zones = append(s.zones, z)
		}
	}
	return nil
}

// simDrawn is a Zona as the system has it.
type simDrawn struct {
	ID        string `json:"id"`
	Nombre    string `json:"nombre"`
	Geometria struct {
		Coordinates [][][][2]float64 `json:"coordinates"` // of a MultiPolygon
	} `json:"geometria"`
	shapes []simShape
}

func (s *simulation) drawn(ctx context.Context) ([]simDrawn, error) {
	var list struct {
		Datos []simDrawn `json:"datos"`
	}
	if err := s.desk.do(ctx, http.MethodGet, "/zonas", nil, &list); err != nil {
		return nil, fmt.Errorf("leer las zonas: %w", err)
	}
	for i := range list.Datos {
		list.Datos[i].prepare()
	}
	return list.Datos, nil
}

// zoneOf returns the Zona of the run that a place lies in, or "".
func (s *simulation) zoneOf(p geo.Punto) string {
	for i := range s.zones {
		if z := &s.zones[i]; z.contains(p) {
			return z.ID
		}
	}
	return ""
}

// simShape is one polygon and the box around it.
type simShape struct {
	zona.Poligono
	low, high geo.Punto
}

// prepare makes shapes of the geometry.
func (z *simDrawn) prepare() {
	for _, polygon := range z.Geometria.Coordinates {
		s := simShape{low: geo.Punto{Lat: 90, Lon: 180}, high: geo.Punto{Lat: -90, Lon: -180}}
		for _, ring := range polygon {
			places := make([]geo.Punto, len(ring))
			for i, v := range ring {
				places[i] = geo.Punto{Lat: v[1], Lon: v[0]}
				s.low = geo.Punto{Lat: min(s.low.Lat, v[1]), Lon: min(s.low.Lon, v[0])}
				s.high = geo.Punto{Lat: max(s.high.Lat, v[1]), Lon: max(s.high.Lon, v[0])}
			}
			s.Poligono = append(s.Poligono, places)
		}
		z.shapes = append(z.shapes, s)
	}
}

func (z *simDrawn) contains(p geo.Punto) bool {
	return slices.ContainsFunc(z.shapes, func(s simShape) bool {
		return p.Lat >= s.low.Lat && p.Lat <= s.high.Lat && p.Lon >= s.low.Lon && p.Lon <= s.high.Lon && s.Contiene(p)
	})
}
