package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

// dayStart is the local hour at which a day of work begins: the quietest one.
const dayStart = 4 * time.Hour

// simCall is an emergency call, at an offset from the start of its day.
type simCall struct {
	geo.Punto
	at    time.Duration // since 04:00 of the first day
	kind  string
	place string
}

// simFix is one position of a track.
type simFix struct {
	geo.Punto
	at time.Duration // since 04:00 of its day
}

// simTrack is what one Efectivo drives in one day, in order.
type simTrack struct {
	name  string
	fixes []simFix
}

// badLine is a line of input that could not be read; it is skipped and counted.
type badLine struct {
	file string
	line int
	why  string
}

func (b badLine) String() string {
	return fmt.Sprintf("%s:%d: %s", filepath.Base(b.file), b.line, b.why)
}

// readLines calls f with every line of a file, unpacked when it is gzip. What f
// refuses is returned, never fatal: real files are broken here and there.
func readLines(path string, f func(line string) error) (bad []badLine, err error) {
	file, err := os.Open(path) //nolint:gosec // the operator names his own file
	if err != nil {
		return nil, fmt.Errorf("abrir la entrada: %w", err)
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
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if text := strings.TrimSpace(line); text != "" {
			if len(text) > 4096 {
				bad = append(bad, badLine{path, n, "línea demasiado larga"})
			} else if err := f(text); err != nil {
				bad = append(bad, badLine{path, n, err.Error()})
			}
		}
		switch {
		case err == io.EOF:
			return bad, nil
		case err != nil: // a file cut short: what came before it counts
			return append(bad, badLine{path, n, err.Error()}), nil
		}
	}
}

func parsePoint(lat, lon string) (p geo.Punto, err error) {
	if p.Lat, err = strconv.ParseFloat(strings.TrimSpace(lat), 64); err != nil {
		return p, fmt.Errorf("latitud %q", lat)
	}
	if p.Lon, err = strconv.ParseFloat(strings.TrimSpace(lon), 64); err != nil {
		return p, fmt.Errorf("longitud %q", lon)
	}
	if !p.Valido() {
		return p, fmt.Errorf("coordenada fuera del mundo: %s,%s", lat, lon)
	}
	return p, nil
}

// readCalls reads lat, lon, kind, local time, township, address. Days that are
// far apart are put one after the other: a month without calls is not waited for.
func readCalls(path string) (calls []simCall, days int, bad []badLine, err error) {
	type dated struct {
		simCall
		when time.Time
	}
	var all []dated
	bad, err = readLines(path, func(line string) error {
		fields, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			return fmt.Errorf("no es CSV")
		}
		if len(fields) < 4 {
			return fmt.Errorf("tiene %d campos, van al menos 4", len(fields))
		}
		p, err := parsePoint(fields[0], fields[1])
		if err != nil {
			return err
		}
		when, err := time.Parse("2006-01-02 15:04", strings.TrimSpace(fields[3]))
		if err != nil {
			return fmt.Errorf("momento %q", fields[3])
		}
		c := simCall{Punto: p, kind: strings.TrimSpace(fields[2])}
		if len(fields) > 5 {
			c.place = strings.TrimSpace(fields[5]) + ", " + strings.TrimSpace(fields[4])
		}
		all = append(all, dated{c, when})
		return nil
	})
	slices.SortStableFunc(all, func(a, b dated) int { return a.when.Compare(b.when) })
	var day time.Time
	for _, c := range all {
		shifted := c.when.Add(-dayStart)
		if today := shifted.Truncate(24 * time.Hour); !today.Equal(day) {
			day, days = today, days+1
		}
		c.at = time.Duration(days-1)*24*time.Hour + shifted.Sub(day)
		calls = append(calls, c.simCall)
	}
	return calls, days, bad, err
}

// readTracks reads lat lon occupied unix_time and cuts by day, at 04:00 of the
// zone. A day with fewer fixes than minFixes is no day of work.
func readTracks(path string, zone *time.Location) (tracks []simTrack, bad []badLine, err error) {
	const minFixes = 30
	byDay := map[string][]simFix{}
	bad, err = readLines(path, func(line string) error {
		fields := strings.Fields(line)
		if len(fields) != 4 {
			return fmt.Errorf("tiene %d campos, van 4", len(fields))
		}
		p, err := parsePoint(fields[0], fields[1])
		if err != nil {
			return err
		}
		unix, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return fmt.Errorf("momento %q", fields[3])
		}
		local := time.Unix(unix, 0).In(zone)
		y, m, d := local.Add(-dayStart).Date()
		start := time.Date(y, m, d, int(dayStart/time.Hour), 0, 0, 0, zone)
		key := start.Format(time.DateOnly)
		byDay[key] = append(byDay[key], simFix{Punto: p, at: local.Sub(start)})
		return nil
	})
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".txt")
	for day, fixes := range byDay {
		slices.SortFunc(fixes, func(a, b simFix) int { return cmp.Compare(a.at, b.at) })
		fixes = slices.CompactFunc(fixes, func(a, b simFix) bool { return a.at == b.at })
		if len(fixes) >= minFixes {
			tracks = append(tracks, simTrack{name: name + " " + day, fixes: fixes})
		}
	}
	slices.SortFunc(tracks, func(a, b simTrack) int { return cmp.Compare(a.name, b.name) })
	return tracks, bad, err
}

// middle returns the median place: a few wild fixes do not move it.
func middle(points []geo.Punto) geo.Punto {
	if len(points) == 0 {
		return geo.Punto{}
	}
	lats, lons := make([]float64, len(points)), make([]float64, len(points))
	for i, p := range points {
		lats[i], lons[i] = p.Lat, p.Lon
	}
	slices.Sort(lats)
	slices.Sort(lons)
	return geo.Punto{Lat: lats[len(lats)/2], Lon: lons[len(lons)/2]}
}

// mover returns the motion that carries from onto to and keeps distances in
// metres (to first order): a degree of longitude is narrower nearer the poles.
func mover(from, to geo.Punto) func(geo.Punto) geo.Punto {
	const degree = math.Pi / 180
	narrow := math.Cos(from.Lat*degree) / math.Cos(to.Lat*degree)
	return func(p geo.Punto) geo.Punto {
		return geo.Punto{
			Lat: min(90, max(-90, to.Lat+p.Lat-from.Lat)),
			Lon: min(180, max(-180, to.Lon+(p.Lon-from.Lon)*narrow)),
		}
	}
}

// recenter carries calls and tracks, each by its own middle, onto one place.
func recenter(calls []simCall, tracks []simTrack, to geo.Punto) {
	var points []geo.Punto
	for _, c := range calls {
		points = append(points, c.Punto)
	}
	move := mover(middle(points), to)
	for i := range calls {
		calls[i].Punto = move(calls[i].Punto)
	}
	points = points[:0]
	for _, t := range tracks {
		for _, f := range t.fixes {
			points = append(points, f.Punto)
		}
	}
	move = mover(middle(points), to)
	for _, t := range tracks {
		for i := range t.fixes {
			t.fixes[i].Punto = move(t.fixes[i].Punto)
		}
	}
}

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
	"EMS: caída en la vía pública", "EMS: persona descompuesta", "Fire: humo en un edificio",
	"Traffic: choque sin heridos", "Traffic: semáforo apagado", "EMS: dificultad respiratoria",
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
