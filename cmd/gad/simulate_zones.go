package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"
)

// simZone is a Zona that the operation watches.
type simZone struct {
	name     string
	geometry any // GeoJSON
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
	var list struct {
		Datos []struct {
			Nombre string `json:"nombre"`
		} `json:"datos"`
	}
	if err := s.desk.do(ctx, http.MethodGet, "/zonas", nil, &list); err != nil {
		return fmt.Errorf("leer las zonas: %w", err)
	}
	known := map[string]bool{}
	for _, z := range list.Datos {
		known[z.Nombre] = true
	}
	for _, z := range zones {
		if known[z.name] {
			continue
		}
		err := s.desk.do(ctx, http.MethodPost, "/zonas", map[string]any{
			"nombre": z.name, "clase": "jurisdiccion", "geometria": z.geometry,
		}, nil)
		if err != nil {
			return fmt.Errorf("definir la zona %s: %w", z.name, err)
		}
		known[z.name] = true
	}
	s.stats.Zonas = len(zones)
	return nil
}
