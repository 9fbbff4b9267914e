package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

const (
	arrived   = 60.0 // m from the Tarea: well within what counts as being there
	reportGap = time.Second
	maxReport = 100 // fixes in one report
	driveStep = 30 * time.Second
	waitStep  = time.Minute
	minCruise = 5.0  // m/s
	maxCruise = 17.0 // m/s
	daySpan   = 24 * time.Hour
	offDuty   = 2 * time.Hour // a hole in a track that ends a shift
)

// simUnit is one simulated Efectivo. It drives its track; when it is given a
// Tarea it leaves the track, drives straight there at the speed it usually moves
// at, works, and drives back to where the track is by then.
type simUnit struct {
	sim    *simulation
	id     string
	code   string // his codigo_interno, where it is known
	track  simTrack
	days   int           // how often the track is driven; 0 for ever
	span   time.Duration // between two times
	cruise float64       // m/s
	chance *rand.Rand
	jobs   chan simJob // at most one, for whoever reserved the unit

	// Owned by run:
	at      geo.Punto     // where it is
	due     time.Duration // up to when its fixes were reported
	dark    time.Duration // until when it has no signal
	kept    []simFix      // measured meanwhile
	onShift bool          // the system may hold him to be on duty

	mu    sync.Mutex // guards state
	state unitState
}

type unitState uint8

const (
	unitAway unitState = iota // not yet or no longer on duty
	unitFree
	unitReserved // the dispatcher is asking the API, or it works on a Tarea
)

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

// retire takes it out of everybody's hands; what is still put into its own is ended with the run.
func (u *simUnit) retire() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state = unitAway
}

// along returns the rest of the track after an instant, and nothing when it is over.
func (u *simUnit) along(after time.Duration) []simFix {
	day := max(0, after) / u.span
	for ; u.days == 0 || int(day) < u.days; day++ {
		shift := day * u.span
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

// run drives until the track is over or ctx ends. A long hole in the track is the end of a
// shift and the beginning of the next.
func (u *simUnit) run(ctx context.Context) {
	first := u.along(u.sim.now())
	for len(first) > 0 && u.sim.sleep(ctx, first[0].at) == nil {
		if err := u.begin(ctx); err != nil {
			if ctx.Err() == nil {
				u.sim.stats.failed(err)
			}
			return
		}
		if first = u.along(u.sim.now()); len(first) == 0 { // it was over before he was back
			return
		}
		u.at, u.due = first[0].Punto, min(first[0].at, u.sim.now())
		u.sim.stats.count(func(s *simStats) { s.Turnos++ })
		u.change(unitAway, unitFree)
		u.sim.freed()
		u.onDuty(ctx)
		u.leave(ctx)
		first = u.along(u.due)
		if ctx.Err() == nil && u.sim.script.rests() {
			u.rest(ctx, first)
		}
	}
}

// begin starts the shift. Somebody on leave waits for its end, which the system notices.
func (u *simUnit) begin(ctx context.Context) error {
	for deadline := time.Now().Add(u.sim.asReal(leaveFor) + time.Minute); ; {
		u.onShift = true // also where no answer comes
		err := u.sim.order(ctx, u.sim.client, http.MethodPost, "/efectivos/"+u.id+"/turno", struct{}{}, nil)
		if !codeIs(err, "efectivo_en_licencia") || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, reportGap); err != nil {
			return err
		}
	}
}

// rest asks for a leave that begins now and ends before the next shift, and whoever commands
// grants it. There is none where the next shift is too near.
func (u *simUnit) rest(ctx context.Context, next []simFix) {
	now := time.Now().UTC()
	lasts := max(leaveLeast, u.sim.asReal(leaveFor))
	if len(next) > 0 {
		lasts = min(lasts, u.sim.real(next[0].at).Sub(now)-leaveMargin)
	}
	if lasts < leaveLeast {
		return
	}
	var asked struct{ ID string }
	heard, done := u.sim.heardOut(ctx) // what is asked for is granted, too
	defer done()
	err := u.sim.desk.do(heard, http.MethodPost, "/licencias", map[string]any{
		"efectivo": u.id, "desde": now, "hasta": now.Add(lasts), "motivo": "Descanso (simulado)",
	}, &asked)
	if err == nil {
		err = u.sim.desk.do(heard, http.MethodPost, "/licencias/"+asked.ID+"/aprobacion", struct{}{}, nil)
	}
	switch {
	case err == nil:
		u.sim.stats.count(func(s *simStats) { s.Licencias++ })
	case ctx.Err() == nil:
		u.sim.stats.failed(err)
	}
}

// shift is what is left of the shift that runs, and nothing when it is over.
func (u *simUnit) shift() []simFix {
	rest := u.along(u.due)
	if len(rest) == 0 || rest[0].at-u.due > offDuty {
		return nil
	}
	return oneShift(rest)
}

// onDuty drives and works until the shift is over or ctx ends. Afterwards nobody reserves him
// any more.
func (u *simUnit) onDuty(ctx context.Context) {
	defer u.retire()
	for {
		rest := u.shift()
		over := len(rest) == 0
		if over && u.change(unitFree, unitAway) {
			return
		}
		if over { // reserved at the last moment: the desk decides
			rest = []simFix{{u.at, u.sim.now() + waitStep}}
		}
		job, ok, err := u.drive(ctx, rest, u.jobs)
		for ok && err == nil { // and perhaps called again on the way back
			if !u.carryOut(ctx, job) {
				job.not = u.id
				u.sim.handBack(job)
			}
			if ctx.Err() != nil {
				return // with the Tarea in hand
			}
			u.due = max(u.due, u.sim.now())
			u.change(unitReserved, unitFree)
			u.sim.freed()
			job, ok, err = u.drive(ctx, meet(u.at, u.due, u.shift(), u.cruise), u.jobs)
		}
		if err != nil {
			return
		}
	}
}

// leave says what is left to say and ends the shift; that of an interrupted run ends with it.
func (u *simUnit) leave(ctx context.Context) {
	heard, done := u.sim.heardOut(ctx)
	defer done()
	if u.dark = 0; len(u.kept) > 0 { // off duty nothing is taken any more
		u.send(heard)
	}
	if ctx.Err() != nil {
		return
	}
	leaving, cancel := context.WithTimeout(ctx, u.sim.parting)
	defer cancel()
	if err := u.endShift(leaving); err != nil && ctx.Err() == nil {
		u.sim.stats.failed(err)
	}
}

// drive reports fixes as they come due, in batches, until they are over or a
// job arrives. The fixes bear the real clock: only the motion is faster. The first is sent as it
// is due: however fast somebody lives, where he stays is known before he goes on.
func (u *simUnit) drive(ctx context.Context, fixes []simFix, jobs <-chan simJob) (job simJob, ok bool, err error) {
	var last time.Time
	for i := 0; i < len(fixes); {
		// The next report: a while after the last one, if any, when something is due by
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
		if j > i {
			u.measured(ctx, fixes[i:j], now)
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

// measured sends what was measured, or keeps it while there is no signal.
func (u *simUnit) measured(ctx context.Context, fixes []simFix, now time.Duration) {
	last := fixes[len(fixes)-1]
	u.at, u.due = last.Punto, last.at
	if u.kept = append(u.kept, fixes...); now < u.dark {
		return
	}
	u.send(ctx)
}

func (u *simUnit) send(ctx context.Context) {
	for part := range slices.Chunk(u.kept, maxReport) {
		u.report(ctx, part)
	}
	u.kept = u.kept[:0]
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
	inside := 0
	for _, f := range fixes {
		body.Fixes = append(body.Fixes, wireFix{f.Lat, f.Lon, u.sim.real(f.at).UTC(), 10})
		if u.sim.zoneOf(f.Punto) != "" {
			inside++
		}
	}
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
		s.EnZona += inside
		s.Aceptadas += answer.Aceptadas
		for _, r := range answer.Rechazadas {
			s.Rechazadas[r.Motivo]++
		}
		for _, r := range answer.Marcadas {
			s.Marcadas[r.Motivo]++
		}
	})
}
