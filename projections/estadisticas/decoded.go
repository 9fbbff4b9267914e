package estadisticas

import (
	"sync"

	"github.com/grupo-gad/gad/projections/cache"
)

// decoded are the last answers that were read from cached values, so that a value which many
// ask for is taken apart once. Whoever gets one must not change it. The zero value is empty.
type decoded struct {
	mu  sync.Mutex // guards all
	all map[string]reading
}

type reading struct {
	of     cache.Value // without its bytes
	answer any
}

// maxDecoded bounds how many answers are kept; keys carry dates, and the old ones are of no use.
const maxDecoded = 64

// of returns what was read from exactly this value, or nil.
func (d *decoded) of(key string, v cache.Value) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.all[key]; ok && r.of.Position == v.Position && r.of.Calculated.Equal(v.Calculated) {
		return r.answer
	}
	return nil
}

func (d *decoded) keep(key string, v cache.Value, answer any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= maxDecoded && d.all[key].answer == nil {
		d.all = map[string]reading{}
	}
	d.all[key] = reading{cache.Value{Position: v.Position, Calculated: v.Calculated}, answer}
}
