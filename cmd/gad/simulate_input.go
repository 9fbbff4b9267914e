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

type simInput struct {
	calls  []simCall
	tracks []simTrack
	zones  []simZone
	bad    []badLine
}

// readInput reads what there is and invents the rest.
func readInput(o simulateOptions, files []string) (in simInput, err error) {
	var to *geo.Punto
	if o.recenter != "" {
		lat, lon, ok := strings.Cut(o.recenter, ",")
		p, err := parsePoint(lat, lon)
		if !ok || err != nil {
			return in, usageError{fmt.Errorf("--recenter es LAT,LON: %q", o.recenter)}
		}
		to = &p
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return in, usageError{fmt.Errorf("--track-zone: %w", err)}
	}
	if o.calls != "" {
		calls, _, bad, err := readCalls(o.calls)
		if err != nil {
			return in, err
		}
		if len(calls) == 0 {
			return in, fmt.Errorf("%s no tiene ninguna llamada legible (%d líneas ilegibles)", filepath.Base(o.calls), len(bad))
		}
		in.calls, in.bad = calls, bad
	}
	for _, file := range files {
		tracks, bad, err := readTracks(file, zone)
		if err != nil {
			return in, err
		}
		in.tracks, in.bad = append(in.tracks, tracks...), append(in.bad, bad...)
	}
	if len(files) > 0 && len(in.tracks) == 0 {
		return in, fmt.Errorf("los recorridos no tienen ningún día completo (%d líneas ilegibles)", len(in.bad))
	}
	if to != nil {
		recenter(in.calls, in.tracks, *to)
	}
	around := obelisco
	switch {
	case to != nil:
		around = *to
	case len(in.calls) > 0:
		around = callsMiddle(in.calls)
	case len(in.tracks) > 0:
		around = in.tracks[0].fixes[0].Punto
	}
	if o.zones != "" {
		if in.zones, err = readZones(o.zones); err != nil {
			return in, err
		}
	}
	chance := rand.New(rand.NewPCG(o.seed, 1)) //nolint:gosec // repeatable on purpose
	if len(in.tracks) == 0 {
		in.tracks = inShifts(inventTracks(chance, 60, around, 6_000))
		if o.zones == "" {
			in.zones = inventZones(around, 6_000)
		}
	}
	if len(in.calls) == 0 {
		for day := range o.days {
			for _, c := range inventCalls(chance, 80, around, 6_000) {
				c.at += time.Duration(day) * daySpan
				in.calls = append(in.calls, c)
			}
		}
	}
	return in, nil
}

func callsMiddle(calls []simCall) geo.Punto {
	points := make([]geo.Punto, len(calls))
	for i, c := range calls {
		points[i] = c.Punto
	}
	return middle(points)
}
