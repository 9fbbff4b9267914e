package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// Question is something that is asked over and over with other words, and how soon the answer
// has to be there.
type Question struct {
	Group, Name string
	BarMS       float64 // promised p99 in milliseconds; 0: none was promised
	Ask         func(ctx context.Context, rng *rand.Rand) error
	Whole       bool // its answer is made of all there is: it has to read all
}

// Answered is how long the answers to one question took, in milliseconds.
type Answered struct {
	Group string  `json:"grupo"`
	Name  string  `json:"pregunta"`
	N     int     `json:"n"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
	BarMS float64 `json:"vara_ms,omitzero"`
	// PerSecond is how much was taken, and BarPerSecond how much has to be, where that counts.
	PerSecond    float64 `json:"por_segundo,omitzero"`
	BarPerSecond float64 `json:"vara_por_segundo,omitzero"`
	// Passed: what was promised of it is kept.
	Passed bool `json:"cumple"`
}

// Asking says how often each question is asked.
type Asking struct {
	Clients  int           // at a time; 0 means 1
	Times    int           // 0 means 300
	AtMost   time.Duration // for one question, after a tenth of Times; 0 means 10 s
	Progress func(step string, done, total int64)
}

// Ask asks every question and returns what was measured.
func Ask(ctx context.Context, questions []Question, o Asking) ([]Answered, error) {
	if o.Clients == 0 {
		o.Clients = 1
	}
	if o.Times == 0 {
		o.Times = 300
	}
	if o.AtMost == 0 {
		o.AtMost = 10 * time.Second
	}
	all := make([]Answered, 0, len(questions))
	for i, q := range questions {
		if o.Progress != nil {
			o.Progress("preguntar", int64(i), int64(len(questions)))
		}
		took, err := o.measure(ctx, q)
		if err != nil {
			return all, fmt.Errorf("ask %s, %s: %w", q.Group, q.Name, err)
		}
		all = append(all, NewAnswered(q.Group, q.Name, q.BarMS, took))
	}
	return all, nil
}

// measure asks one question, after some askings that do not count: caches are as warm as they
// are in a system that runs.
func (o Asking) measure(ctx context.Context, q Question) ([]time.Duration, error) {
	for seed := range uint64(5) {
		if err := q.Ask(ctx, rand.New(rand.NewPCG(seed, 1))); err != nil { //nolint:gosec // not a secret
			return nil, err
		}
	}
	var (
		mu   sync.Mutex
		took []time.Duration
		next atomic.Int64
		one  error
		wg   sync.WaitGroup
	)
	began := time.Now()
	for range o.Clients {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if int(n) > o.Times || time.Since(began) > o.AtMost && int(n) > o.Times/10 || ctx.Err() != nil {
					return
				}
				rng := rand.New(rand.NewPCG(uint64(n), 2)) //nolint:gosec // not a secret
				start := time.Now()
				err := q.Ask(ctx, rng)
				d := time.Since(start)
				mu.Lock()
				took = append(took, d)
				if err != nil {
					one = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	if one == nil {
		one = ctx.Err()
	}
	return took, one
}

// NewAnswered sums up how long answers took.
func NewAnswered(group, name string, bar float64, took []time.Duration) Answered {
	a := Answered{Group: group, Name: name, N: len(took), BarMS: bar}
	if len(took) == 0 {
		return a
	}
	slices.Sort(took)
	at := func(q float64) float64 { return ms(took[min(len(took)-1, int(q*float64(len(took))))]) }
	a.P50, a.P95, a.P99, a.Max = at(0.5), at(0.95), at(0.99), ms(took[len(took)-1])
	a.Passed = bar == 0 || a.P99 <= bar
	return a
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Passed reports whether every bar was reached.
func Passed(all []Answered) bool {
	return !slices.ContainsFunc(all, func(a Answered) bool { return !a.Passed })
}

// PrintAnswers writes the table that people read.
func PrintAnswers(w io.Writer, all []Answered) error {
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "qué\tpregunta\tn\tp50 ms\tp95 ms\tp99 ms\tvara\t\tpor segundo")
	for _, a := range all {
		bar, verdict := "", ""
		if a.BarMS > 0 {
			bar, verdict = fmt.Sprintf("%.0f", a.BarMS), "cumple"
			if !a.Passed {
				verdict = "NO cumple"
			}
		}
		perSecond := ""
		if a.PerSecond > 0 {
			perSecond = fmt.Sprintf("%.0f", a.PerSecond)
		}
		if a.BarPerSecond > 0 {
			perSecond += fmt.Sprintf(" (vara %.0f)", a.BarPerSecond)
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%s\t%s\t%s\n", a.Group, a.Name, a.N, a.P50, a.P95, a.P99, bar, verdict, perSecond)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}
