package main

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

const (
	arrived    = 75.0 // m from the Tarea
	reportGap  = time.Second
	maxReport  = 100 // fixes in one report
	driveStep  = 30 * time.Second
	waitStep   = time.Minute
	minCruise  = 5.0  // m/s
	maxCruise  = 17.0 // m/s
	daySpan    = 24 * time.Hour
	partingGap = 3 * time.Second // to say goodbye after an interruption
)

// simUnit is one simulated Efectivo. It drives its track; when it is given a
// Tarea it leaves the track, drives straight there at the speed it usually moves
// at, works, and drives back to where the track is by then.
type simUnit struct {
	sim    *simulation
	id     string
	track  simTrack
	days   int     // how often the track is driven; 0 for ever
	cruise float64 // m/s
	chance *rand.Rand
	jobs   chan simJob // at most one, for whoever reserved the unit

	at  geo.Punto     // where it is; owned by run
	due time.Duration // up to when its fixes were reported; owned by run

	mu    sync.Mutex // guards state
	state unitState
}

type unitState uint8

const (
	unitAway unitState = iota // not yet or no longer on duty
	unitFree
	unitReserved // the dispatcher is asking the API, or it works on a Tarea
)

type simJob struct {
	tarea string
	place geo.Punto
	call  time.Duration // when somebody called
}

// reserve takes the unit out of the dispatcher's hands, or says that it is taken.
func (u *simUnit) reserve() bool { return u.change(unitFree, unitReserved) }

func (u *simUnit) change(from, to unitState) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.state != from {
		return false
	}
	u.state = to
	return true
}

// cruiseOf is the median speed of a track while it moves.
func cruiseOf(t simTrack) float64 {
	var speeds []float64
	for i := 1; i < len(t.fixes); i++ {
		a, b := t.fixes[i-1], t.fixes[i]
		if v := geo.Distancia(a.Punto, b.Punto) / (b.at - a.at).Seconds(); v > 1 && v < 40 {
			speeds = append(speeds, v)
		}
	}
	if len(speeds) == 0 {
		return minCruise
	}
	slices.Sort(speeds)
	return min(maxCruise, max(minCruise, speeds[len(speeds)/2]))
}

// straight returns the drive from a to b that begins at an instant and ends
// within reach of b.
func straight(from, to geo.Punto, at time.Duration, speed, reach float64) []simFix {
	distance := geo.Distancia(from, to)
	travel := max(0, distance-reach)
	total := time.Duration(travel / speed * float64(time.Second))
	point := func(elapsed time.Duration) geo.Punto {
		f := 0.0
		if distance > 0 {
			f = elapsed.Seconds() * speed / distance
		}
		return geo.Punto{Lat: from.Lat + f*(to.Lat-from.Lat), Lon: from.Lon + f*(to.Lon-from.Lon)}
	}
	var fixes []simFix
	for elapsed := driveStep; elapsed < total; elapsed += driveStep {
		fixes = append(fixes, simFix{point(elapsed), at + elapsed})
	}
	return append(fixes, simFix{point(total), at + total})
}

// stand returns the fixes of somebody who stays.
func stand(where geo.Punto, from, until time.Duration) (fixes []simFix) {
	for at := from + waitStep; at < until; at += waitStep {
		fixes = append(fixes, simFix{where, at})
	}
	return append(fixes, simFix{where, until})
}

// along returns the rest of the track after an instant, and nothing when it is over.
func (u *simUnit) along(after time.Duration) []simFix {
	day := max(0, after) / daySpan
	for ; u.days == 0 || int(day) < u.days; day++ {
		shift := day * daySpan
		i, _ := slices.BinarySearchFunc(u.track.fixes, after-shift+1, func(f simFix, t time.Duration) int { return cmp.Compare(f.at, t) })
		if i == len(u.track.fixes) {
			continue
		}
		rest := slices.Clone(u.track.fixes[i:])
		for j := range rest {
			rest[j].at += shift
		}
		return rest
	}
	return nil
}

// where returns the place of the track at an instant.
func (u *simUnit) where(at time.Duration) geo.Punto {
	if rest := u.along(at); len(rest) > 0 {
		return rest[0].Punto
	}
	return u.track.fixes[len(u.track.fixes)-1].Punto
}

// run drives until the track is over or ctx ends.
func (u *simUnit) run(ctx context.Context) {
	first := u.along(u.sim.now())
	if len(first) == 0 || u.sim.sleep(ctx, first[0].at) != nil {
		return
	}
	u.at, u.due = first[0].Punto, first[0].at
	if err := u.sim.client.do(ctx, http.MethodPost, "/efectivos/"+u.id+"/turno", struct{}{}, nil); err != nil {
		u.sim.stats.failed(err)
		return
	}
	u.change(unitAway, unitFree)
	u.sim.freed()
	defer u.leave(ctx)
	for {
		rest := u.along(u.due)
		if len(rest) == 0 && u.change(unitFree, unitAway) {
			return
		}
		if len(rest) == 0 { // reserved at the last moment: the dispatcher decides
			rest = []simFix{{u.at, u.sim.now() + waitStep}}
		}
		job, ok, err := u.drive(ctx, rest, u.jobs)
		if err != nil {
			return
		}
		if !ok {
			continue
		}
		u.carryOut(ctx, job)
		u.change(unitReserved, unitFree)
		u.sim.freed()
		now := u.sim.now()
		back := straight(u.at, u.where(now+time.Duration(geo.Distancia(u.at, u.where(now))/u.cruise*float64(time.Second))), now, u.cruise, 0)
		if job, ok, err = u.drive(ctx, back, u.jobs); err != nil {
			return
		}
		if ok { // called again on the way back
			u.jobs <- job
		}
	}
}

// leave ends the shift, also after an interruption.
func (u *simUnit) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), partingGap)
	defer cancel()
	if err := u.sim.client.do(ctx, http.MethodDelete, "/efectivos/"+u.id+"/turno", nil, nil); err != nil && statusOf(err) != http.StatusConflict {
		u.sim.stats.failed(err)
	}
}

// drive reports fixes as they come due, in batches, until they are over or a
// job arrives. The fixes bear the real clock: only the motion is faster.
func (u *simUnit) drive(ctx context.Context, fixes []simFix, jobs <-chan simJob) (job simJob, ok bool, err error) {
	last := time.Now()
	for i := 0; i < len(fixes); {
		// The next report: a while after the last one, when something is due by
		// then, and never later than the end of the drive.
		next := u.sim.real(fixes[i].at)
		if earliest := last.Add(reportGap); next.Before(earliest) {
			next = earliest
		}
		if end := u.sim.real(fixes[len(fixes)-1].at); next.After(end) {
			next = end
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return job, false, ctx.Err()
		case job = <-jobs:
			timer.Stop()
			ok = true
		case <-timer.C:
		}
		last = time.Now()
		now, j := u.sim.now(), i
		for j < len(fixes) && fixes[j].at <= now {
			j++
		}
		for part := range slices.Chunk(fixes[i:j], maxReport) {
			u.report(ctx, part)
		}
		i = j
		if ok {
			if i < len(fixes) { // between two fixes
				u.at, u.due = between(u.at, u.due, fixes[i], now), now
			}
			return job, true, nil
		}
	}
	return job, false, nil
}

func between(from geo.Punto, at time.Duration, to simFix, now time.Duration) geo.Punto {
	f := 0.0
	if to.at > at {
		f = min(1, max(0, (now-at).Seconds()/(to.at-at).Seconds()))
	}
	return geo.Punto{Lat: from.Lat + f*(to.Lat-from.Lat), Lon: from.Lon + f*(to.Lon-from.Lon)}
}

// report sends positions; what is refused is counted by reason.
func (u *simUnit) report(ctx context.Context, fixes []simFix) {
	type wireFix struct {
		Lat       float64   `json:"lat"`
		Lon       float64   `json:"lon"`
		En        time.Time `json:"en"`
		Precision float64   `json:"precision_m"`
	}
	body := struct {
		Fixes []wireFix `json:"fixes"`
	}{}
	for _, f := range fixes {
		body.Fixes = append(body.Fixes, wireFix{f.Lat, f.Lon, u.sim.real(f.at).UTC(), 10})
	}
	u.at, u.due = fixes[len(fixes)-1].Punto, fixes[len(fixes)-1].at
	type reason struct {
		Motivo string `json:"motivo"`
	}
	var answer struct {
		Aceptadas  int      `json:"aceptadas"`
		Rechazadas []reason `json:"rechazadas"`
		Marcadas   []reason `json:"marcadas"`
	}
	err := u.sim.client.do(ctx, http.MethodPost, "/efectivos/"+u.id+"/posiciones", body, &answer)
	if err != nil {
		if ctx.Err() == nil {
			u.sim.stats.failed(err)
		}
		return
	}
	u.sim.stats.count(func(s *simStats) {
		s.Enviadas += len(fixes)
		s.Aceptadas += answer.Aceptadas
		for _, r := range answer.Rechazadas {
			s.Rechazadas[r.Motivo]++
		}
		for _, r := range answer.Marcadas {
			s.Marcadas[r.Motivo]++
		}
	})
}

// carryOut does a Tarea from the acceptance to the end. A refusal ends it where
// it is: somebody else may have cancelled it meanwhile.
func (u *simUnit) carryOut(ctx context.Context, job simJob) {
	answer := func(method, path string, body any) bool {
		err := u.sim.client.do(ctx, method, "/tareas/"+job.tarea+path, body, nil)
		if err != nil && ctx.Err() == nil {
			u.sim.stats.failed(err)
		}
		return err == nil
	}
	step := func(estado string) bool {
		return answer(http.MethodPut, "/asignaciones/"+u.id, map[string]string{"estado": estado})
	}
	if !step("aceptada") || !step("en_camino") {
		return
	}
	if _, _, err := u.drive(ctx, straight(u.at, job.place, u.sim.now(), u.cruise, arrived), nil); err != nil || !step("en_lugar") {
		return
	}
	now := u.sim.now()
	u.sim.stats.count(func(s *simStats) { s.ir = append(s.ir, now-job.call) })
	if !answer(http.MethodPost, "/inicio", struct{}{}) {
		return
	}
	// Most work is short and some is long: log-normal around the median.
	service := time.Duration(float64(u.sim.service) * math.Exp(0.5*u.chance.NormFloat64()))
	if _, _, err := u.drive(ctx, stand(u.at, now, now+service), nil); err != nil {
		return
	}
	if answer(http.MethodPost, "/finalizacion", struct{}{}) {
		u.sim.stats.count(func(s *simStats) { s.Finalizadas++ })
	}
}
