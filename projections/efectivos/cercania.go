package efectivos

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
)

// maxOrdenados bounds how many candidates are put in exact order.
const maxOrdenados = 256

// error of the sphere against the spheroid, with something to spare.
const (
	esferaCorta = 0.994
	esferaLarga = 1.006
)

// puesto is what one look over everybody needs of somebody, and nothing else: ten thousand of
// them lie side by side in half a megabyte, and none is followed by a pointer until he is among
// the few who are measured exactly.
type puesto struct {
	versor
	quien *desplegado
	en    int64           // device time in nanoseconds, of a position that counts
	causa tarea.Exclusion // whatever the place and the hour; "" when he can go
	baja  bool
	lugar bool // he is on duty and where he is is known
}

// versor is a place on the sphere of radius one. Chords compare as distances do and cost no
// trigonometry.
type versor struct{ x, y, z float64 }

func versorDe(p geo.Punto) versor {
	const grado = math.Pi / 180
	sinLat, cosLat := math.Sincos(p.Lat * grado)
	sinLon, cosLon := math.Sincos(p.Lon * grado)
	return versor{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// cuerda is the square of the chord between two places.
func (v versor) cuerda(o versor) float64 {
	x, y, z := v.x-o.x, v.y-o.y, v.z-o.z
	return x*x + y*y + z*z
}

// radioTierra is the mean radius of the Earth in metres, that of geo.Distancia.
const radioTierra = 6_371_008.8

// cuerdaDe is the square of the chord of a distance in metres on the sphere.
func cuerdaDe(metros float64) float64 {
	if metros >= math.Pi*radioTierra {
		return 4
	}
	c := 2 * math.Sin(metros/(2*radioTierra))
	return c * c
}

func arco(cuerda float64) float64 { return 2 * radioTierra * math.Asin(min(1, math.Sqrt(cuerda)/2)) }

// abierto are rules that exclude nobody for where he is or when that was known.
var abierto = tarea.Criterios{RadioM: math.Inf(1), AntiguedadMaxS: math.Inf(1)}

func (p *desplegado) puesto() puesto {
	a := p.aspirante(p.en)
	s := puesto{quien: p, causa: abierto.Excluye(a), baja: p.deBaja, lugar: a.AntiguedadS != nil}
	if s.lugar {
		s.versor, s.en = versorDe(p.lugar), p.en.UnixNano()
	}
	return s
}

// medido is somebody and the square of his chord, +Inf when nobody knows where he is.
type medido struct {
	cuerda float64
	quien  *desplegado
}

func masCerca(a, b medido) int {
	if n := cmp.Compare(a.cuerda, b.cuerda); n != 0 {
		return n // nearly always: the identifiers are not even looked at
	}
	return cmp.Compare(a.quien.id, b.quien.id)
}

// mirada is the memory of one look over everybody, used again by the next.
type mirada struct {
	aptos []medido
	fuera map[tarea.Exclusion]*excluidos
}

// excluidos are the nearest who are excluded for a reason, in order, and how many there are.
type excluidos struct {
	cerca  []medido
	cuenta int
}

var miradas = sync.Pool{New: func() any { return &mirada{fuera: map[tarea.Exclusion]*excluidos{}} }}

func (m *mirada) excluye(causa tarea.Exclusion, who medido) {
	e := m.fuera[causa]
	if e == nil {
		e = &excluidos{}
		m.fuera[causa] = e
	}
	e.cuenta++
	if n := len(e.cerca); n == tarea.MaxPorExclusion {
		// Nearly always he is further away, and a comparison of floats says so.
		if last := e.cerca[n-1]; who.cuerda > last.cuerda || masCerca(who, last) > 0 {
			return
		}
		e.cerca = e.cerca[:n-1]
	}
	i, _ := slices.BinarySearchFunc(e.cerca, who, masCerca)
	e.cerca = slices.Insert(e.cerca, i, who)
}

// forget leaves nobody behind in the pool.
func (m *mirada) forget() {
	clear(m.aptos)
	m.aptos = m.aptos[:0]
	clear(m.fuera)
	miradas.Put(m)
}

// Recomendar ranks everybody for a place at an instant; probados had their turn and are
// excluded for it. siguientes are the suitable ones who come after those the recommendation keeps.
func (d *Despliegue) Recomendar(
	ctx context.Context, lugar geo.Punto, en time.Time, k tarea.Criterios, probados ...ident.Efectivo,
) (r tarea.Recomendacion, siguientes []ident.Efectivo, err error) {
	if err := d.level(ctx); err != nil {
		return r, nil, err
	}
	m := miradas.Get().(*mirada)
	defer m.forget()
	d.mu.RLock()
	defer d.mu.RUnlock()
	var tried []*desplegado
	for _, id := range probados {
		if p := d.people[string(id)]; p != nil {
			tried = append(tried, p)
		}
	}
	m.mira(d.puestos, lugar, en, k, tried)
	resto := map[tarea.Exclusion]int{}
	listed := make([]tarea.Aspirante, 0, maxOrdenados+8*tarea.MaxPorExclusion)
	for causa, e := range m.fuera {
		resto[causa] = e.cuenta - len(e.cerca)
		for _, who := range e.cerca {
			a := who.quien.exacto(lugar, en)
			a.YaOfrecida = causa == tarea.YaOfrecida
			listed = append(listed, a)
		}
	}
	near := cercanos(m.aptos)
	for _, who := range near {
		listed = append(listed, who.quien.exacto(lugar, en))
	}
	resto[""] = len(m.aptos) - len(near)
	r, siguientes = tarea.Recomendar(k, listed, resto)
	// Behind those, somebody who was not measured might belong in between.
	return r, siguientes[:min(len(siguientes), maxOrdenados-tarea.MaxCandidatos)], nil
}

// mira goes once over everybody.
func (m *mirada) mira(puestos []puesto, lugar geo.Punto, en time.Time, k tarea.Criterios, tried []*desplegado) {
	var (
		here        = versorDe(lugar)
		seguro      = cuerdaDe(k.RadioM * esferaCorta) // within the radius, whatever the spheroid says
		lejos       = cuerdaDe(k.RadioM * esferaLarga) // beyond it
		now         = en.UnixNano()
		antiguedad  float64
		disponible  = tarea.Aspirante{Disponibilidad: "disponible", EnTurno: true, AntiguedadS: &antiguedad}
		desconocido = math.Inf(1)
	)
	for i := range puestos {
		p := &puestos[i]
		if p.baja {
			continue
		}
		who := medido{desconocido, p.quien}
		if p.lugar {
			who.cuerda = p.cuerda(here)
		}
		causa := p.causa
		if len(tried) > 0 && slices.Contains(tried, p.quien) {
			causa = tarea.YaOfrecida
		}
		if causa == "" {
			antiguedad = max(0, float64(now-p.en)/1e9)
			causa = k.Excluye(disponible)
		}
		if causa == "" && who.cuerda > seguro && (who.cuerda > lejos || geo.Geodesica(lugar, p.quien.lugar) > k.RadioM) {
			causa = tarea.DemasiadoLejos
		}
		if causa == "" {
			m.aptos = append(m.aptos, who)
			continue
		}
		m.excluye(causa, who)
	}
}

// cercanos brings the nearest to the front: as many as are put in exact order, and whoever is
// within the error of the sphere behind the last of them, since he might be before him.
func cercanos(aptos []medido) []medido {
	if len(aptos) <= maxOrdenados {
		return aptos
	}
	elige(aptos, maxOrdenados-1)
	// A chord of millimetres is as exact as the rounding of its ends.
	limit := cuerdaDe(arco(aptos[maxOrdenados-1].cuerda)*esferaLarga/esferaCorta) + 1e-18
	n := maxOrdenados
	for i := n; i < len(aptos); i++ {
		if aptos[i].cuerda <= limit {
			aptos[n], aptos[i] = aptos[i], aptos[n]
			n++
		}
	}
	return aptos[:n]
}

// elige puts the k-th nearest at k, nobody further before him and nobody nearer behind him
// (Hoare's selection, by the middle of three).
func elige(list []medido, k int) {
	for lo, hi := 0, len(list)-1; lo < hi; {
		mid := lo + (hi-lo)/2
		pivot := max(min(list[lo].cuerda, list[mid].cuerda), min(max(list[lo].cuerda, list[mid].cuerda), list[hi].cuerda))
		i, j := lo, hi
		for i <= j {
			for list[i].cuerda < pivot {
				i++
			}
			for list[j].cuerda > pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// aspirante is somebody as a recommendation looks at him, without the distance. Off duty
// nobody has a position, whatever the last one was.
func (p *desplegado) aspirante(en time.Time) tarea.Aspirante {
	a := tarea.Aspirante{
		Efectivo: ident.Efectivo(p.id), Disponibilidad: tarea.Situacion(p.disponibilidad), EnTurno: p.turno != "", SinAcceso: p.sinAcceso, Carga: p.carga,
	}
	if a.EnTurno && !p.en.IsZero() {
		a.AntiguedadS = new(max(0, en.Sub(p.en).Seconds()))
	}
	if a.EnTurno && p.libreDesde != nil {
		a.DescansoS = max(0, en.Sub(*p.libreDesde).Seconds())
	}
	return a
}

func (p *desplegado) exacto(lugar geo.Punto, en time.Time) tarea.Aspirante {
	a := p.aspirante(en)
	if a.AntiguedadS != nil {
		a.DistanciaM = new(geo.Geodesica(lugar, p.lugar))
	}
	return a
}
