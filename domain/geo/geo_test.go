package geo_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/geo"
)

func TestValido(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for p, want := range map[geo.Punto]bool{
		{}: true, {Lat: 90, Lon: 180}: true, {Lat: -90, Lon: -180}: true, {Lat: -34.6, Lon: -58.38}: true,
		{Lat: math.Nextafter(90, 91)}: false, {Lat: -90.000001}: false, {Lon: 180.000001}: false, {Lon: -181}: false,
		{Lat: nan}: false, {Lon: nan}: false, {Lat: inf}: false, {Lon: -inf}: false,
	} {
		if got := p.Valido(); got != want {
			t.Errorf("%v.Valido() = %v", p, got)
		}
	}
}

// Known distances on the sphere of radius 6,371,008.8 m.
func TestDistancia(t *testing.T) {
	t.Parallel()
	grado := 6_371_008.8 * math.Pi / 180
	for _, c := range []struct {
		name string
		a, b geo.Punto
		want float64
	}{
		{"none", geo.Punto{Lat: -34.6, Lon: -58.4}, geo.Punto{Lat: -34.6, Lon: -58.4}, 0},
		{"a degree of meridian", geo.Punto{}, geo.Punto{Lat: 1}, grado},
		{"a degree of equator", geo.Punto{Lon: 10}, geo.Punto{Lon: 11}, grado},
		{"a degree of parallel 60", geo.Punto{Lat: 60}, geo.Punto{Lat: 60, Lon: 1}, 55_595.4},
		{"pole to pole", geo.Punto{Lat: 90}, geo.Punto{Lat: -90}, 180 * grado},
		{"antipodes", geo.Punto{Lat: 30, Lon: 10}, geo.Punto{Lat: -30, Lon: -170}, 180 * grado},
		{"over the antimeridian", geo.Punto{Lon: 179.5}, geo.Punto{Lon: -179.5}, grado},
		{"Buenos Aires to Montevideo", geo.Punto{Lat: -34.6037, Lon: -58.3816}, geo.Punto{Lat: -34.9011, Lon: -56.1645}, 205_347},
		{"Obelisco to Plaza de Mayo", geo.Punto{Lat: -34.603722, Lon: -58.381592}, geo.Punto{Lat: -34.608333, Lon: -58.372222}, 999.0},
	} {
		got := geo.Distancia(c.a, c.b)
		if math.Abs(got-c.want) > 1e-3*max(c.want, 1) {
			t.Errorf("%s: %.1f m, want %.1f", c.name, got, c.want)
		}
	}
}

func TestDistanciaPropiedades(t *testing.T) {
	t.Parallel()
	punto := rapid.Custom(func(t *rapid.T) geo.Punto {
		return geo.Punto{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := punto.Draw(t, "a"), punto.Draw(t, "b"), punto.Draw(t, "c")
		ab := geo.Distancia(a, b)
		switch {
		case math.IsNaN(ab) || ab < 0 || ab > math.Pi*6_371_009:
			t.Fatalf("distance %v", ab)
		case math.Abs(ab-geo.Distancia(b, a)) > 1e-6:
			t.Fatalf("not symmetric: %v, %v", ab, geo.Distancia(b, a))
		case ab > geo.Distancia(a, c)+geo.Distancia(c, b)+1:
			t.Fatalf("a detour over %v is shorter", c)
		}
	})
}

// Vincenty's own line and what GeographicLib says of others, in metres.
func TestGeodesica(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b geo.Punto
		want float64
	}{
		{"none", geo.Punto{Lat: -34.6, Lon: -58.4}, geo.Punto{Lat: -34.6, Lon: -58.4}, 0},
		{"the same place by two names", geo.Punto{Lat: 10, Lon: 180}, geo.Punto{Lat: 10, Lon: -180}, 0},
		{"a degree of equator", geo.Punto{Lon: 10}, geo.Punto{Lon: 11}, 111_319.4908},
		{"a degree of meridian", geo.Punto{}, geo.Punto{Lat: 1}, 110_574.3886},
		{"pole to pole", geo.Punto{Lat: 90}, geo.Punto{Lat: -90}, 20_003_931.4586},
	} {
		if got := geo.Geodesica(c.a, c.b); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("%s: %.4f m, want %.4f", c.name, got, c.want)
		}
	}
	// Antipodes: no series settles there, and the sphere is near enough.
	if got := geo.Geodesica(geo.Punto{Lat: 0.3, Lon: 10}, geo.Punto{Lat: -0.2, Lon: -170.1}); math.Abs(got-2.0e7) > 1e5 {
		t.Errorf("antipodes: %v m", got)
	}
}
