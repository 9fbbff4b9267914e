package policies

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/zona"
)

// clock says what silence means, as of the instant up to which the positions were read: while
// they were being followed others came in, and nobody was silent for it.
func (c *Campo) clock(ctx context.Context, heard time.Time) error {
	c.ritmo = ritmo{}
	for _, id := range slices.Sorted(maps.Keys(c.units)) {
		u := c.units[id]
		s, err := c.deps.Estados.Efectivo(ctx, id)
		if err != nil {
			if err = c.skipped(ctx, id.Stream(), err); err != nil {
				return err
			}
			continue
		}
		if !s.EnTurno() || s.Turno() != u.Turno {
			c.forget(id)
			continue
		}
		c.ritmo.cuenta(s)
		if s.Senal() && heard.Sub(u.Recibida) > c.silencio(s) {
			last := u.Ultima
			if last.IsZero() { // nothing he sent said where he is
				last = s.EnTurnoDesde()
			}
			if err := c.lose(ctx, id, u.Turno, last, u.Recibida); err != nil {
				return err
			}
		}
	}
	// Whoever has not been heard at all is lost like the others, counted from the beginning of his shift.
	for _, id := range c.silent {
		s, err := c.deps.Estados.Efectivo(ctx, id)
		if err != nil {
			if err = c.skipped(ctx, id.Stream(), err); err != nil {
				return err
			}
			continue
		}
		since := s.EnTurnoDesde()
		if c.units[id] != nil || !s.EnTurno() || !s.Senal() || heard.Sub(since) <= c.silencio(s) {
			continue
		}
		if err := c.lose(ctx, id, s.Turno(), since, since); err != nil {
			return err
		}
	}
	return nil
}

// lose says that he was seen last, and heard last: it happens once for each time he was heard.
func (c *Campo) lose(ctx context.Context, id ident.Efectivo, turno ident.Turno, last, heard time.Time) error {
	return c.order(ctx, fmt.Sprintf("pierde|%s|%s|%d", id, turno, heard.UnixMicro()), efectivo.PerderSenal{
		Orden: efectivo.Orden{ID: id, Por: author, En: c.now()}, Turno: turno, Ultima: last,
	})
}

// silencioMinimo is how long a report may be on its way, however fast somebody lives.
const silencioMinimo = 5 * time.Second

// silencio is how long somebody may not be heard before his signal is lost.
func (c *Campo) silencio(s efectivo.State) time.Duration {
	missed := time.Duration(c.opts.Reglas.Perdidos) * c.opts.Reglas.Periodo
	return max(min(missed, silencioMinimo), scaled(missed, s))
}

func (c *Campo) forget(id ident.Efectivo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.units[id] != nil {
		delete(c.units, id)
		c.dirty[id.Stream()] = struct{}{}
	}
}

// look reads the Zonas anew, and who is silent, when it is time to, and says whether it was.
func (c *Campo) look(ctx context.Context) (bool, error) {
	now := c.now()
	if now.Sub(c.looked) < c.ritmo.mirada(c.opts.Reglas.Cobertura) && !c.looked.IsZero() {
		return false, nil
	}
	zonas, err := c.deps.Lugares.Zonas(ctx)
	if err != nil {
		return false, err
	}
	if c.silent, err = c.deps.Lugares.Callados(ctx); err != nil {
		return false, err
	}
	c.zonas, c.looked = newZonaIndex(zonas), now
	return true, nil
}

// cover says which Zonas are empty for too long. It comes after the positions that wait: those
// who came in while nobody looked are inside.
func (c *Campo) cover(ctx context.Context) error {
	present, err := c.deps.Lugares.Presentes(ctx)
	if err != nil {
		return err
	}
	here := map[ident.Zona]int{} // as said, also where the map does not know it yet
	for _, u := range c.units {
		for _, z := range u.Dentro {
			here[z]++
		}
	}
	now := c.now()
	for _, id := range slices.Sorted(maps.Keys(c.zonas.byID)) {
		if err := c.coverage(ctx, c.zonas.byID[id], max(present[id], here[id]), now); err != nil {
			return err
		}
	}
	for id := range c.empty {
		if _, there := c.zonas.byID[id]; !there {
			delete(c.empty, id)
			c.dirty[id.Stream()] = struct{}{}
		}
	}
	return nil
}

// inhabited ends the time in which a Zona was empty.
func (c *Campo) inhabited(id ident.Zona) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, waits := c.empty[id]; waits {
		delete(c.empty, id)
		c.dirty[id.Stream()] = struct{}{}
	}
}

func (c *Campo) coverage(ctx context.Context, z Zona, present int, now time.Time) error {
	since, waits := c.empty[z.ID]
	o := zona.Orden{ID: z.ID, Por: author, En: now}
	if present > 0 || z.Reglas.VaciaMin == 0 || !zona.Rige(z.Horarios, now.In(c.opts.Zone)) {
		if waits {
			delete(c.empty, z.ID)
			c.dirty[z.ID.Stream()] = struct{}{}
		}
		if !z.Vacia {
			return nil
		}
		// Of this look: while the map lags it may be said once too often, and next time it counts.
		return c.order(ctx, fmt.Sprintf("cubierta|%s|%d", z.ID, now.UnixMicro()), zona.Cubrir{Orden: o})
	}
	if !waits {
		since = now
		c.empty[z.ID] = now
		c.dirty[z.ID.Stream()] = struct{}{}
	}
	if z.Vacia || now.Sub(since) < c.ritmo.vacia(z.Reglas.VaciaMin) {
		return nil
	}
	return c.order(ctx, fmt.Sprintf("vacia|%s|%d", z.ID, since.UnixMicro()), zona.Vaciar{Orden: o, Desde: since})
}
