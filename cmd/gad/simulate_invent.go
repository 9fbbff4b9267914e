package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

// obelisco is where invented input happens.
var obelisco = geo.Punto{Lat: -34.6037, Lon: -58.3816}

// offset returns the place so many metres north and east of p.
func offset(p geo.Punto, north, east float64) geo.Punto {
	const metres = 111_195.0 // a degree of meridian
	return geo.Punto{Lat: p.Lat + north/metres, Lon: p.Lon + east/(metres*math.Cos(p.Lat*math.Pi/180))}
}

// inventTracks draws drives of a whole day around a place: straight stretches
// along a grid of streets, with stops, never far away.
func inventTracks(r *rand.Rand, n int, around geo.Punto, radius float64) []simTrack {
	tracks := make([]simTrack, n)
	for i := range tracks {
		north, east := (2*r.Float64()-1)*radius/2, (2*r.Float64()-1)*radius/2
		t := simTrack{name: fmt.Sprintf("inventado %02d", i+1)}
		for at := time.Duration(0); at < 24*time.Hour; at += 30 * time.Second {
			t.fixes = append(t.fixes, simFix{offset(around, north, east), at})
			if r.Float64() < 0.2 {
				continue // at a light
			}
			metres := (4 + 8*r.Float64()) * 30
			to := &north
			if r.Float64() < 0.5 {
				to = &east
			}
			if (*to > 0) == (r.Float64() < 0.5+0.4*math.Abs(*to)/radius) {
				metres = -metres // the farther away, the likelier it turns back
			}
			*to += metres
		}
		tracks[i] = t
	}
	return tracks
}

var inventedKinds = []string{
	"Médica: caída en la vía pública", "Médica: persona descompuesta", "Bomberos: humo en un edificio",
	"Tránsito: choque sin heridos", "Tránsito: semáforo apagado", "Médica: dificultad respiratoria",
}

// inventCall draws a call around a place.
func inventCall(r *rand.Rand, at time.Duration, around geo.Punto, radius float64) simCall {
	angle, distance := 2*math.Pi*r.Float64(), radius*math.Sqrt(r.Float64())
	return simCall{
		Punto: offset(around, distance*math.Sin(angle), distance*math.Cos(angle)), at: at,
		kind: inventedKinds[r.IntN(len(inventedKinds))], place: "lugar inventado",
	}
}

// inventCalls draws a day of calls with exponential gaps.
func inventCalls(r *rand.Rand, n int, around geo.Punto, radius float64) (calls []simCall) {
	mean := float64(24*time.Hour) / float64(n)
	for at := time.Duration(r.ExpFloat64() * mean); at < 24*time.Hour; at += time.Duration(r.ExpFloat64() * mean) {
		calls = append(calls, inventCall(r, at, around, radius))
	}
	return calls
}

// shiftHours is how long anybody drives in a day that was invented.
const shiftHours = 8

// inShifts leaves each track the hours of one shift: mornings, afternoons and nights take
// turns, so that a few are on duty at any hour.
func inShifts(tracks []simTrack) []simTrack {
	for i, t := range tracks {
		from := time.Duration(i%3*shiftHours) * time.Hour
		to := from + shiftHours*time.Hour
		var mine []simFix
		for _, f := range t.fixes {
			if f.at >= from && f.at < to {
				mine = append(mine, f)
			}
		}
		tracks[i].fixes = mine
	}
	return tracks
}

// inRotation leaves each track one shift in every span; they begin one after the other, so that
// some are on duty at any time and somebody comes or goes all the while.
func inRotation(tracks []simTrack, span, shift time.Duration) []simTrack {
	for i, t := range tracks {
		late := span * time.Duration(i) / time.Duration(len(tracks))
		var mine []simFix
		for _, f := range t.fixes {
			if f.at < shift {
				f.at = (f.at + late) % span // over the end of the span: the shift began in the one before
				mine = append(mine, f)
			}
		}
		slices.SortStableFunc(mine, func(a, b simFix) int { return cmp.Compare(a.at, b.at) })
		tracks[i].fixes = mine
	}
	return tracks
}

// inventZones draws a grid of square Zonas around a place.
func inventZones(around geo.Punto, radius float64) (zones []simZone) {
	const across = 3
	side := 2 * radius / across
	for row := range across {
		for column := range across {
			corner := func(north, east float64) [2]float64 {
				p := offset(around, radius-(float64(row)+1-north)*side, -radius+(float64(column)+east)*side)
				return [2]float64{p.Lon, p.Lat}
			}
			zones = append(zones, simZone{
				name: fmt.Sprintf("Sector simulado %d-%d", row+1, column+1),
				geometry: map[string]any{"type": "Polygon", "coordinates": [][][2]float64{{
					corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0), corner(0, 0),
				}}},
			})
		}
	}
	return zones
}
