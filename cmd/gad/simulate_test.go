package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain/geo"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	data := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(data)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = packed.Bytes()
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCalls(t *testing.T) {
	t.Parallel()
	path := write(t, "llamadas.csv.gz", strings.Join([]string{
		`40.1,-75.4,EMS: FALL VICTIM,2016-01-15 12:01,NORRISTOWN,POWELL ST`,
		`40.1,-75.4,Fire: ALARM,2016-01-15 03:59,NORRISTOWN,X`,
		`esto no es una llamada`,
		`99.0,-75.4,EMS: X,2016-01-15 12:02,A,B`,
		`NaN,-75.4,EMS: X,2016-01-15 12:02,A,B`,
		`40.1,-75.4,EMS: X,ayer,A,B`,
		`"40.1,-75.4`,
		``,
		`40.2,-75.4,"Traffic: VEHICLE, ACCIDENT",2016-02-15 04:00`,
		strings.Repeat("x", 5000),
	}, "\r\n"))
	calls, days, bad, err := readCalls(path)
	if err != nil {
		t.Fatal(err)
	}
	// The call before 04:00 belongs to the day before; a month without calls is
	// put away, and the days follow each other.
	want := []struct {
		kind string
		at   time.Duration
	}{
		{"Fire: ALARM", 23*time.Hour + 59*time.Minute},
		{"EMS: FALL VICTIM", 24*time.Hour + 8*time.Hour + time.Minute},
		{"Traffic: VEHICLE, ACCIDENT", 48 * time.Hour},
	}
	if len(calls) != len(want) || days != 3 {
		t.Fatalf("%d calls on %d days: %+v", len(calls), days, calls)
	}
	for i, w := range want {
		if calls[i].kind != w.kind || calls[i].at != w.at {
			t.Errorf("call %d is %q at %v, want %q at %v", i, calls[i].kind, calls[i].at, w.kind, w.at)
		}
	}
	if calls[1].place != "POWELL ST, NORRISTOWN" {
		t.Errorf("place %q", calls[1].place)
	}
	var lines []int
	for _, b := range bad {
		lines = append(lines, b.line)
		if !strings.HasPrefix(b.String(), "llamadas.csv.gz:") || b.why == "" {
			t.Errorf("said %q", b)
		}
	}
	if !slices.Equal(lines, []int{3, 4, 5, 6, 7, 10}) {
		t.Errorf("bad lines %v", lines)
	}
}

// A file that was cut short gives what came before the cut.
func TestReadLinesTruncated(t *testing.T) {
	t.Parallel()
	whole := write(t, "a.csv.gz", strings.Repeat("40.1,-75.4,EMS: FALL,2016-01-15 12:01,A,B\n", 5000))
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "b.csv.gz")
	if err := os.WriteFile(half, data[:len(data)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	calls, _, bad, err := readCalls(half)
	if err != nil || len(bad) == 0 || len(calls) == 0 {
		t.Errorf("%d calls, %v, %v", len(calls), bad, err)
	}
	if _, _, _, err := readCalls(filepath.Join(t.TempDir(), "none.csv")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestReadTracks(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("PDT", -7*3600)
	start := time.Date(2008, time.May, 18, 4, 0, 0, 0, zone)
	var lines []string
	line := func(at time.Time) {
		lines = append(lines, "37.75 -122.39 0 "+jsonNumber(at.Unix()))
	}
	for i := range 40 { // newest first, as in half of the files
		line(start.Add(time.Duration(60-i) * time.Minute))
	}
	line(start.Add(30 * time.Minute)) // the same fix again
	for i := range 40 {
		line(start.Add(24*time.Hour + time.Duration(i)*time.Minute))
	}
	line(start.Add(-time.Second)) // alone in the day before: no day of work
	lines = append(lines, "37.75 -122.39 0", "a b c d")
	tracks, bad, err := readTracks(write(t, "cab_x.txt", strings.Join(lines, "\n")), zone)
	if err != nil || len(bad) != 2 || len(tracks) != 2 {
		t.Fatalf("%d tracks, bad %v, %v", len(tracks), bad, err)
	}
	if tracks[0].name != "cab_x 2008-05-18" || tracks[1].name != "cab_x 2008-05-19" {
		t.Errorf("%q, %q", tracks[0].name, tracks[1].name)
	}
	for _, track := range tracks {
		if len(track.fixes) != 40 {
			t.Errorf("%s has %d fixes", track.name, len(track.fixes))
		}
		if !slices.IsSortedFunc(track.fixes, func(a, b simFix) int { return int(a.at - b.at) }) || track.fixes[0].at < 0 || track.fixes[39].at >= daySpan {
			t.Errorf("%s is out of its day: %v", track.name, track.fixes)
		}
	}
}

func jsonNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// Moving keeps distances in metres and puts the middle where it was asked for.
func TestRecenter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place := func(label string) geo.Punto {
			return geo.Punto{Lat: rapid.Float64Range(-60, 60).Draw(t, label+" lat"), Lon: rapid.Float64Range(-170, 170).Draw(t, label+" lon")}
		}
		from, to := place("from"), place("to")
		move := mover(from, to)
		metres := func(label string) float64 { return rapid.Float64Range(-10_000, 10_000).Draw(t, label) }
		a, b := offset(from, metres("an"), metres("ae")), offset(from, metres("bn"), metres("be"))
		before, after := geo.Distancia(a, b), geo.Distancia(move(a), move(b))
		if math.Abs(before-after) > 0.01*before+1 {
			t.Fatalf("%.0f m became %.0f m", before, after)
		}
		if geo.Distancia(move(from), to) > 1e-3 {
			t.Fatalf("the middle went to %v", move(from))
		}
	})
	calls := []simCall{{Punto: geo.Punto{Lat: 40, Lon: -75}}, {Punto: geo.Punto{Lat: 40.01, Lon: -75.01}}, {Punto: geo.Punto{Lat: 41, Lon: -80}}}
	tracks := []simTrack{{fixes: []simFix{{Punto: geo.Punto{Lat: 37.7, Lon: -122.4}}}}}
	recenter(calls, tracks, obelisco)
	if geo.Distancia(calls[1].Punto, obelisco) > 1 || geo.Distancia(tracks[0].fixes[0].Punto, obelisco) > 1 {
		t.Errorf("%v, %v", calls, tracks)
	}
}

func TestStraight(t *testing.T) {
	t.Parallel()
	to := offset(obelisco, 3_000, 4_000) // 5 km
	fixes := straight(obelisco, to, time.Hour, 10, arrived)
	last := fixes[len(fixes)-1]
	if d := geo.Distancia(last.Punto, to); math.Abs(d-arrived) > 1 {
		t.Errorf("ends %.1f m away", d)
	}
	if took := last.at - time.Hour; took < 490*time.Second || took > 495*time.Second {
		t.Errorf("took %v for 4,925 m at 10 m/s", took)
	}
	before := simFix{obelisco, time.Hour}
	for _, f := range fixes {
		v := geo.Distancia(before.Punto, f.Punto) / max(0.001, (f.at-before.at).Seconds())
		if v > 10.1 {
			t.Errorf("drives at %.1f m/s", v)
		}
		before = f
	}
	if near := straight(obelisco, offset(obelisco, 50, 0), time.Hour, 10, arrived); len(near) != 1 || near[0].at != time.Hour || near[0].Punto != obelisco {
		t.Errorf("already there: %v", near)
	}
	if stood := stand(obelisco, 0, 150*time.Second); len(stood) != 3 || stood[2].at != 150*time.Second {
		t.Errorf("stood %v", stood)
	}
}

func TestAlong(t *testing.T) {
	t.Parallel()
	fix := func(at time.Duration) simFix { return simFix{obelisco, at} }
	u := &simUnit{span: daySpan, track: simTrack{fixes: []simFix{fix(time.Hour), fix(2 * time.Hour)}}, days: 2}
	for _, c := range []struct {
		after time.Duration
		first time.Duration // 0 for nothing
		n     int
	}{
		{0, time.Hour, 2},
		{time.Hour - 1, time.Hour, 2},
		{time.Hour, 2 * time.Hour, 1},
		{2 * time.Hour, 25 * time.Hour, 2},
		{25 * time.Hour, 26 * time.Hour, 1},
		{26 * time.Hour, 0, 0},
	} {
		got := u.along(c.after)
		if len(got) != c.n || c.n > 0 && got[0].at != c.first {
			t.Errorf("along(%v) = %v", c.after, got)
		}
	}
	u.days = 0
	if got := u.along(1000 * daySpan); len(got) != 2 || got[0].at != 1000*daySpan+time.Hour {
		t.Errorf("for ever: %v", got)
	}
	if u.track.fixes[0].at != time.Hour {
		t.Error("the track was changed")
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	to := simFix{geo.Punto{Lat: 10, Lon: 20}, 10 * time.Second}
	if got := between(geo.Punto{}, 0, to, 5*time.Second); got != (geo.Punto{Lat: 5, Lon: 10}) {
		t.Errorf("half way is %v", got)
	}
	if got := between(geo.Punto{}, 10*time.Second, to, 20*time.Second); got != (geo.Punto{}) {
		t.Errorf("with no time in between: %v", got)
	}
}

// What is invented is the same for the same seed, on the Earth, and drivable.
func TestInvented(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) ([]simTrack, []simCall) {
		r := rand.New(rand.NewPCG(seed, 1))
		return inventTracks(r, 5, obelisco, 6_000), inventCalls(r, 80, obelisco, 6_000)
	}
	tracks, calls := draw(1)
	again, _ := draw(1)
	other, _ := draw(2)
	if !slices.Equal(tracks[3].fixes, again[3].fixes) || slices.Equal(tracks[3].fixes, other[3].fixes) {
		t.Error("the seed does not decide")
	}
	if len(calls) < 40 || len(calls) > 130 {
		t.Errorf("%d calls in a day, asked for 80", len(calls))
	}
	for _, track := range tracks {
		if v := cruiseOf(track); v < minCruise || v > maxCruise {
			t.Errorf("cruises at %.1f m/s", v)
		}
		for i, f := range track.fixes {
			if d := geo.Distancia(f.Punto, obelisco); d > 15_000 {
				t.Fatalf("%s wandered %.0f m away", track.name, d)
			}
			if i > 0 && geo.Distancia(track.fixes[i-1].Punto, f.Punto) > 30*13 {
				t.Fatalf("%s jumps", track.name)
			}
		}
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	if got := quantiles(nil); got != (simQuantiles{}) {
		t.Errorf("of nothing: %v", got)
	}
	var list []time.Duration
	for i := range 100 {
		list = append(list, time.Duration(100-i)*time.Second)
	}
	if got := quantiles(list); got.P50 != 51 || got.P90 != 91 || got.N != 100 || list[0] != 100*time.Second {
		t.Errorf("got %+v", got)
	}
}

// Words in common with what people write on the phone, and none with traffic.
func TestGrave(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"EMS: CARDIAC EMERGENCY": true, "EMS: CVA/STROKE": true, "Fire: BUILDING FIRE": true, "EMS: dificultad respiratoria": true,
		"EMS: FALL VICTIM": false, "Traffic: VEHICLE ACCIDENT -": false, "Fire: FIRE ALARM": false, "": false,
	} {
		if grave(kind) != want {
			t.Errorf("grave(%q) = %v", kind, !want)
		}
	}
}

// A script has some of everything even in a short run, and mostly nothing.
func TestScript(t *testing.T) {
	t.Parallel()
	var s simScript
	answers, mishaps, pauses := map[simAnswer]int{}, map[simMishap]int{}, 0
	for range 100 {
		answers[s.answer(true)]++
		mishaps[s.befalls()]++
		if s.pauses() {
			pauses++
		}
	}
	if answers[reject] == 0 || answers[ignore] == 0 || answers[accept] < 75 {
		t.Errorf("answers %v", answers)
	}
	if mishaps[goesDark] == 0 || mishaps[callsHelp] == 0 || mishaps[nothing] < 75 || pauses != 20 {
		t.Errorf("mishaps %v, pauses %d", mishaps, pauses)
	}
	forgot, planned := 0, 0
	for range 100 {
		if s.answer(false) == ignore {
			t.Fatal("an order of the desk lapsed")
		}
		if s.forgets() {
			forgot++
		}
		if s.plan() {
			t.Fatal("something was planned, unasked")
		}
	}
	for s.plans = true; s.calls.Load() < 99; {
		if s.plan() {
			planned++
		}
	}
	if forgot == 0 || forgot > 20 || planned != 33 {
		t.Errorf("forgot %d, planned %d", forgot, planned)
	}
	if none := (*simScript)(nil); none.answer(true) != accept || none.befalls() != nothing || none.pauses() || none.forgets() || none.plan() {
		t.Error("something goes wrong without a script")
	}
}

// drives fails when somebody who is at a place at an instant goes faster than he can, or back in
// time.
func drives(t *testing.T, from geo.Punto, at time.Duration, fixes []simFix, speed float64) {
	t.Helper()
	for _, f := range fixes {
		if f.at < at || geo.Distancia(from, f.Punto) > speed*(f.at-at).Seconds()+1 {
			t.Fatalf("%.0f m in %v", geo.Distancia(from, f.Punto), f.at-at)
		}
		from, at = f.Punto, f.at
	}
}

// Whoever comes back to his track is on it when the track goes on, and never faster than he drives.
func TestMeet(t *testing.T) {
	t.Parallel()
	var track []simFix // away from him at 5 m/s, and after a quarter of an hour back
	for i := range 60 {
		track = append(track, simFix{offset(obelisco, 0, float64(min(i, 90-3*i)*300)), time.Duration(i) * time.Minute})
	}
	start, now := offset(obelisco, 4_000, 0), 90*time.Second
	back := meet(start, now, track, 10)
	drives(t, start, now, back, 10)
	met := back[len(back)-1]
	i := slices.IndexFunc(track, func(f simFix) bool { return f.at == met.at })
	if i < 0 || geo.Distancia(track[i].Punto, met.Punto) > 1 || met.at < now+5*time.Minute {
		t.Errorf("meets the track at %v", met)
	}
	// Too far away to be back in time: after it, to the end of the shift and no further.
	far := offset(obelisco, 90_000, 0)
	back = meet(far, now, track, 10)
	drives(t, far, now, back, 10)
	if last := back[len(back)-1]; last.at != track[59].at || geo.Distancia(far, last.Punto) < 30_000 {
		t.Errorf("was last at %v", last)
	}
	if got := meet(start, now, nil, 10); got != nil {
		t.Errorf("without a track drives %v", got)
	}
}

// A drive is cut at an instant between two places, and one that is over is waited out where it ends.
func TestUntil(t *testing.T) {
	t.Parallel()
	there := offset(obelisco, 1_000, 0)
	drive := []simFix{{obelisco, 2 * time.Minute}, {there, 4 * time.Minute}}
	cut := until(obelisco, time.Minute, drive, 3*time.Minute)
	if last := cut[len(cut)-1]; len(cut) != 2 || last.at != 3*time.Minute || math.Abs(geo.Distancia(obelisco, last.Punto)-500) > 1 {
		t.Errorf("cut at %v", cut)
	}
	waited := until(obelisco, time.Minute, drive, 6*time.Minute)
	if last := waited[len(waited)-1]; last != (simFix{there, 6 * time.Minute}) || len(waited) != 4 || len(drive) != 2 {
		t.Errorf("waited %v", waited)
	}
	if stood := until(obelisco, time.Minute, nil, time.Minute); len(stood) != 1 || stood[0] != (simFix{obelisco, time.Minute}) {
		t.Errorf("stood %v", stood)
	}
}

// Some Zonas mind who comes in, some who goes out and some that nobody is there; most do not.
func TestWatched(t *testing.T) {
	t.Parallel()
	var in, out, empty int
	for _, z := range watched(make([]simZone, 48)) {
		if z.rules.Entrada {
			in++
		}
		if z.rules.Salida {
			out++
		}
		if z.rules.VaciaMin > 0 {
			empty++
		}
	}
	if in != 6 || out != 6 || empty != 12 {
		t.Errorf("%d, %d and %d", in, out, empty)
	}
}

// What the summary says of the log is counted by what the facts say, and every figure is printed.
func TestFacts(t *testing.T) {
	t.Parallel()
	f := simFacts{PorZona: map[string]int{}, Avisos: map[string]int{}, Escaladas: map[string]int{}}
	for _, text := range []string{
		`{"tipo":"efectivo.zona_ingresada","datos":{"zona":"a","alarma":true}}`, `{"tipo":"efectivo.zona_ingresada","datos":{"zona":"a"}}`,
		`{"tipo":"efectivo.zona_abandonada","datos":{"zona":"a"}}`,
		`{"tipo":"tarea.efectivo_en_lugar","actor":"usuario-1"}`, `{"tipo":"tarea.efectivo_en_lugar","actor":"sistema:politicas"}`,
		`{"tipo":"efectivo.ubicacion_confirmada"}`, `{"tipo":"tarea.recordatorio_enviado","datos":{"clase":"t-40"}}`,
		`{"tipo":"tarea.recordatorio_enviado","datos":{"clase":"vencida"}}`, `{"tipo":"tarea.escalada","datos":{"causa":"rechazo","a":"x"}}`,
		`{"tipo":"tarea.escalada","datos":{"causa":"vencimiento"}}`,
	} {
		var e simFact
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		simFactTypes[e.Tipo](&f, e)
	}
	s := &simulation{zones: []simDrawn{{ID: "a", Nombre: "Retiro"}, {ID: "b", Nombre: "Boca"}}}
	f.PorZona = s.named(f.PorZona)
	var out strings.Builder
	if err := f.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 entradas (1 con alarma), 1 salidas (0 con alarma)", "Retiro: 2\n", "1 dichas por quien llegó, 1 sabidas solo por su posición; en total, la posición confirmó 1",
		"t-40: 1 (minutos antes de empezar); 0 leídos", "vencidas       1 ", "rechazo: 1, vencimiento: 1; 1 no tenían a quién más pasar",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if got := busiest(map[string]int{"a": 1, "b": 3, "c": 2}, 2); got != "b: 3, c: 2, y 1 más" {
		t.Errorf("the busiest are %q", got)
	}
}

func TestOneShift(t *testing.T) {
	t.Parallel()
	fixes := []simFix{{obelisco, 0}, {obelisco, time.Hour}, {obelisco, 4 * time.Hour}, {obelisco, 5 * time.Hour}}
	if got := oneShift(fixes); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := oneShift(fixes[2:]); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := oneShift(nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Somebody is on duty at every hour, and nobody all day.
func TestInShifts(t *testing.T) {
	t.Parallel()
	hours := map[time.Duration]int{}
	for _, track := range inShifts(inventTracks(rand.New(rand.NewPCG(1, 1)), 6, obelisco, 6_000)) {
		first, last := track.fixes[0].at, track.fixes[len(track.fixes)-1].at
		if last-first > shiftHours*time.Hour {
			t.Errorf("%s drives from %v to %v", track.name, first, last)
		}
		for _, f := range track.fixes {
			hours[f.at/time.Hour]++
		}
	}
	if len(hours) != 24 {
		t.Errorf("the hours %v", hours)
	}
}

// Some are on duty at any time, everybody has a shift and a rest that ends it, and somebody comes
// or goes within minutes.
func TestInRotation(t *testing.T) {
	t.Parallel()
	tracks := inRotation(inventTracks(rand.New(rand.NewPCG(1, 1)), demoFleet, obelisco, demoRadius), demoSpan, demoShift)
	begins := map[time.Duration]bool{}
	for _, track := range tracks {
		u := &simUnit{track: track, span: demoSpan}
		due, rests := time.Duration(0), 0
		for range 3 * len(track.fixes) {
			rest := u.along(due)
			if gap := rest[0].at - due; gap > offDuty && due > 0 {
				rests++
				begins[rest[0].at%demoSpan] = true
			} else if gap > time.Minute && due > 0 {
				t.Fatalf("%s waits for %v at %v: neither on duty nor off", track.name, gap, due)
			}
			if due = rest[0].at; due > 2*demoSpan {
				break
			}
		}
		if rests < 1 || rests > 3 {
			t.Errorf("%s has %d rests in two spans", track.name, rests)
		}
	}
	if len(begins) != demoFleet {
		t.Errorf("they begin at %d times", len(begins))
	}
	for at := time.Duration(0); at < demoSpan; at += 10 * time.Minute {
		on := 0
		for _, track := range tracks {
			u := &simUnit{track: track, span: demoSpan}
			if rest := u.along(at); rest[0].at-at <= time.Minute {
				on++
			}
		}
		if on < demoFleet/2 || on == demoFleet {
			t.Errorf("%d of %d are on duty at %v", on, demoFleet, at)
		}
	}
}

// What calls are about is said in Spanish; a kind that nobody knows stays as it is.
func TestReadKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"EMS: FALL VICTIM":                    "Médica: caída de una persona",
		"Traffic: ROAD OBSTRUCTION -":         "Tránsito: calzada obstruida",
		"Fire: building fire":                 "Bomberos: incendio de un edificio",
		"EMS: VOLCANO":                        "Médica: VOLCANO",
		"Coast guard: BOAT ADRIFT":            "Coast guard: BOAT ADRIFT",
		"RUIDOS":                              "RUIDOS",
		"Bomberos: humo en un edificio":       "Bomberos: humo en un edificio",
		"Tránsito: choque sin heridos":        "Tránsito: choque sin heridos",
		"EMS: S/B AT HELICOPTER LANDING ":     "Médica: apoyo a un aterrizaje de helicóptero",
		"Traffic: DEBRIS/FLUIDS ON HIGHWAY -": "Tránsito: restos o líquidos en la calzada",
	} {
		d, what := readKind(kind)
		if got := d.title(what); got != want {
			t.Errorf("%q is called %q, want %q", kind, got, want)
		}
	}
	for _, kind := range inventedKinds {
		if d, what := readKind(kind); d.name == "" || d.title(what) != kind {
			t.Errorf("an invented call is called %q", d.title(what))
		}
	}
}

func TestReadZones(t *testing.T) {
	t.Parallel()
	const square = `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "z.geojson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	zones, err := readZones(write(`{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"nombre":" Centro "},"geometry":` + square + `},
		{"type":"Feature","properties":{"name":"Sur","id":1},"geometry":` + square + `}]}`))
	if err != nil || len(zones) != 2 || zones[0].name != "Centro" || zones[1].name != "Sur" {
		t.Errorf("%+v, %v", zones, err)
	}
	for text, says := range map[string]string{
		`{`:               "GeoJSON",
		`{"features":[]}`: "ninguna figura",
		`{"features":[{"geometry":` + square + `}]}`:                                                   "figura 1",
		`{"features":[{"properties":{"nombre":"X"},"geometry":{"type":"Point","coordinates":[0,0]}}]}`: "Point",
	} {
		if _, err := readZones(write(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := readZones(filepath.Join(t.TempDir(), "no")); err == nil {
		t.Error("a file that is not there was read")
	}
	invented := inventZones(obelisco, 6_000)
	if len(invented) != 9 || invented[0].name == invented[8].name {
		t.Errorf("%d zones invented", len(invented))
	}
}

// The real files, where they are: three cabs are some sixty days of work.
func TestRealInput(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("GAD_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	cabs, err := filepath.Glob(filepath.Join(dir, "cab_*.txt.gz"))
	if err != nil || len(cabs) == 0 {
		t.Skip("the real input is not here (GAD_TEST_DATA)")
	}
	in, err := readInput(simulateOptions{
		calls: filepath.Join(dir, "calls_911_montgomery.csv.gz"), zones: filepath.Join(dir, "caba_barrios.geojson.gz"), recenter: "-34.6037,-58.3816", zone: "America/Los_Angeles", days: 1,
	}, cabs)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(in.tracks); n < 50 || n > 75 {
		t.Errorf("%d days of work", n)
	}
	if len(in.zones) != 48 {
		t.Errorf("%d barrios", len(in.zones))
	}
	if len(in.calls) != 2000 || len(in.bad) != 0 {
		t.Errorf("%d calls, bad %v", len(in.calls), in.bad)
	}
	for _, c := range in.calls {
		if d, what := readKind(c.kind); d.name == "" || what == strings.ToUpper(what) {
			t.Errorf("%q has no Spanish title: %q", c.kind, d.title(what))
		}
	}
	if d := geo.Distancia(callsMiddle(in.calls), obelisco); d > 10 {
		t.Errorf("the middle of the calls is %.0f m off", d)
	} // Every position lies in one barrio, or outside the city: in no two.
	inside, outside := 0, 0
	barrios := drawnOf(t, in.zones)
	for _, track := range in.tracks {
		for i := 0; i < len(track.fixes); i += 5 {
			switch n := len(zonesAt(barrios, track.fixes[i].Punto)); n {
			case 0:
				outside++
			case 1:
				inside++
			default:
				t.Fatalf("%v lies in %d barrios", track.fixes[i].Punto, n)
			}
		}
	}
	if share := float64(inside) / float64(inside+outside); share < 0.7 || share > 0.9 {
		t.Errorf("%.1f %% of the positions lie in a barrio", 100*share)
	}
}

// drawnOf is what the system makes of the shapes of a file.
func drawnOf(t *testing.T, zones []simZone) (list []simDrawn) {
	t.Helper()
	for _, z := range zones {
		text, err := json.Marshal(z.geometry)
		if err != nil {
			t.Fatal(err)
		}
		var kind struct{ Type string }
		d := simDrawn{Nombre: z.name}
		if err := json.Unmarshal(text, &kind); err != nil {
			t.Fatal(err)
		}
		if kind.Type == "Polygon" {
			var one struct{ Coordinates [][][2]float64 }
			err = json.Unmarshal(text, &one)
			d.Geometria.Coordinates = append(d.Geometria.Coordinates, one.Coordinates)
		} else {
			err = json.Unmarshal(text, &d.Geometria)
		}
		if err != nil {
			t.Fatal(err)
		}
		d.prepare()
		list = append(list, d)
	}
	return list
}

// zonesAt lists every one that a place lies in.
func zonesAt(list []simDrawn, p geo.Punto) (names []string) {
	for i := range list {
		if list[i].contains(p) {
			names = append(names, list[i].Nombre)
		}
	}
	return names
}
