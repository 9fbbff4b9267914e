package tarea

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// The bounds of what a recommendation keeps.
const (
	MaxCandidatos    = 20 // ranked ones, in detail
	MaxPorExclusion  = 8  // examples of each reason to exclude
	desvioPorCalles  = 1.3
	redondeoMetros   = 100.0 // centimetres
	redondeoSegundos = 10.0
)

// Criterios are the rules a recommendation was made by.
type Criterios struct {
	RadioM         float64 `json:"radio_m"`
	AntiguedadMaxS float64 `json:"antiguedad_max_s"` // of a fix
	VelocidadMPS   float64 `json:"velocidad_mps"`    // to estimate the time on the way
	PlazoS         float64 `json:"plazo_s"`          // an offer stands so long
}

// CriteriosPorDefecto are those of the operation when nobody sets others.
func CriteriosPorDefecto() Criterios {
	return Criterios{RadioM: 50_000, AntiguedadMaxS: 600, VelocidadMPS: 30 / 3.6, PlazoS: 60}
}

// Situacion is where an Efectivo stands among those who could go. The words are those
// of his disponibilidad.
type Situacion string

// Exclusion says why somebody is no candidate.
type Exclusion string

// The reasons, as stored, in the order they are looked at.
const (
	YaOfrecida     Exclusion = "ya_ofrecida" // he was bound to this Tarea before, and is not any more
	EnLicencia     Exclusion = "en_licencia"
	FueraDeTurno   Exclusion = "fuera_de_turno"
	SinAcceso      Exclusion = "sin_acceso" // on duty, and his Usuario is blocked or has left
	Ocupado        Exclusion = "ocupado"
	NoDisponible   Exclusion = "no_disponible"
	SinPosicion    Exclusion = "sin_posicion"
	PosicionVieja  Exclusion = "posicion_vieja"
	DemasiadoLejos Exclusion = "demasiado_lejos"
)

// Aspirante is one Efectivo as the recommendation saw him: everything that his place
// in it depends on. Distances are kept, places are not.
type Aspirante struct {
	Efectivo       ident.Efectivo `json:"efectivo"`
	Disponibilidad Situacion      `json:"disponibilidad"`
	EnTurno        bool           `json:"en_turno,omitzero"`
	SinAcceso      bool           `json:"sin_acceso,omitzero"`   // his Usuario is blocked or has left
	DistanciaM     *float64       `json:"distancia_m,omitzero"`  // on the spheroid; nil without a position
	AntiguedadS    *float64       `json:"antiguedad_s,omitzero"` // of the position
	Carga          int            `json:"carga,omitzero"`        // Tareas of this shift, but for those he never took
	DescansoS      float64        `json:"descanso_s,omitzero"`   // since his last Tarea, or since the shift began
	YaOfrecida     bool           `json:"ya_ofrecida,omitzero"`  // he had his turn: he said no, or nothing
}

// Candidato is an Aspirante who can go.
type Candidato struct {
	Aspirante
	EtaS    float64  `json:"eta_s"`
	Puntaje float64  `json:"puntaje"` // 100 at the place, 0 at the edge of the radius
	Gana    Criterio `json:"gana"`    // what puts him before the next one
}

// Criterio is what decided between two neighbours of the ranking.
type Criterio string

// The criteria, in the order they decide.
const (
	PorDistancia     Criterio = "distancia"
	PorCarga         Criterio = "carga"
	PorDescanso      Criterio = "descanso"
	PorIdentificador Criterio = "identificador" // nothing else tells them apart
	PorUltimo        Criterio = "ultimo"        // nobody comes after
)

// Descartado is an Aspirante who cannot, and why.
type Descartado struct {
	Aspirante
	Causa Exclusion `json:"causa"`
}

// Cuenta is how many were excluded for a reason.
type Cuenta struct {
	Causa    Exclusion `json:"causa"`
	Cantidad int       `json:"cantidad"`
}

// Recomendacion is who should go, best first, and why the others should not.
type Recomendacion struct {
	Criterios   Criterios    `json:"criterios"`
	Candidatos  []Candidato  `json:"candidatos,omitzero"`
	Mas         int          `json:"mas_candidatos,omitzero"` // suitable ones beyond those kept
	Descartados []Descartado `json:"descartados,omitzero"`    // examples, the nearest of each reason
	Exclusiones []Cuenta     `json:"exclusiones,omitzero"`    // all of them, counted
}

// Efectivos lists the candidates, best first.
func (r Recomendacion) Efectivos() []ident.Efectivo {
	ids := make([]ident.Efectivo, len(r.Candidatos))
	for i, c := range r.Candidatos {
		ids[i] = c.Efectivo
	}
	return ids
}

// Excluye says why an Aspirante cannot go, "" when he can. An unknown distance of
// somebody with a position is taken to be within the radius.
func (c Criterios) Excluye(a Aspirante) Exclusion {
	switch {
	case a.YaOfrecida:
		return YaOfrecida
	case a.Disponibilidad == "en_licencia":
		return EnLicencia
	case !a.EnTurno:
		return FueraDeTurno
	case a.SinAcceso:
		return SinAcceso
	case a.Disponibilidad == "en_tarea":
		return Ocupado
	case a.Disponibilidad != "disponible":
		return NoDisponible
	case a.AntiguedadS == nil:
		return SinPosicion
	case *a.AntiguedadS > c.AntiguedadMaxS:
		return PosicionVieja
	case a.DistanciaM != nil && *a.DistanciaM > c.RadioM:
		return DemasiadoLejos
	}
	return ""
}

// Recomendar ranks: by distance, then by workload, then by rest. It is a function of
// its arguments, so that a ranking can be computed again from what a fact kept of it.
// resto counts those known to be excluded or beyond the best who are not among
// aspirantes; its key "" counts suitable ones. siguientes are the suitable ones who come
// after those it keeps: many emergencies at one place want more people than one fact holds.
func Recomendar(c Criterios, aspirantes []Aspirante, resto map[Exclusion]int) (r Recomendacion, siguientes []ident.Efectivo) {
	r = Recomendacion{Criterios: c, Mas: resto[""]}
	fuera := map[Exclusion][]Descartado{}
	for _, a := range aspirantes {
		a = a.redondo()
		if causa := c.Excluye(a); causa != "" {
			fuera[causa] = append(fuera[causa], Descartado{a, causa})
			continue
		}
		r.Candidatos = append(r.Candidatos, Candidato{Aspirante: a})
	}
	slices.SortFunc(r.Candidatos, func(a, b Candidato) int { n, _ := mejor(a.Aspirante, b.Aspirante); return n })
	r.Mas += max(0, len(r.Candidatos)-MaxCandidatos)
	for i := range r.Candidatos {
		r.Candidatos[i].puntua(c)
		r.Candidatos[i].Gana = PorUltimo
		switch {
		case i+1 < len(r.Candidatos):
			_, r.Candidatos[i].Gana = mejor(r.Candidatos[i].Aspirante, r.Candidatos[i+1].Aspirante)
		case r.Mas > 0:
			r.Candidatos[i].Gana = PorDistancia
		}
	}
	for _, c := range r.Candidatos[min(len(r.Candidatos), MaxCandidatos):] {
		siguientes = append(siguientes, c.Efectivo)
	}
	r.Candidatos = r.Candidatos[:min(len(r.Candidatos), MaxCandidatos)]
	for _, causa := range []Exclusion{YaOfrecida, EnLicencia, FueraDeTurno, SinAcceso, Ocupado, NoDisponible, SinPosicion, PosicionVieja, DemasiadoLejos} {
		list := fuera[causa]
		slices.SortFunc(list, func(a, b Descartado) int { n, _ := mejor(a.Aspirante, b.Aspirante); return n })
		if n := len(list) + resto[causa]; n > 0 {
			r.Exclusiones = append(r.Exclusiones, Cuenta{causa, n})
		}
		r.Descartados = append(r.Descartados, list[:min(len(list), MaxPorExclusion)]...)
	}
	return r, siguientes
}

// Recalcular computes a ranking again from what was kept of it; it equals r.
func (r Recomendacion) Recalcular() Recomendacion {
	resto := map[Exclusion]int{"": r.Mas}
	aspirantes := make([]Aspirante, 0, len(r.Candidatos)+len(r.Descartados))
	for _, c := range r.Candidatos {
		aspirantes = append(aspirantes, c.Aspirante)
	}
	for _, cuenta := range r.Exclusiones {
		resto[cuenta.Causa] += cuenta.Cantidad
	}
	for _, d := range r.Descartados {
		aspirantes = append(aspirantes, d.Aspirante)
		resto[d.Causa]--
	}
	again, _ := Recomendar(r.Criterios, aspirantes, resto)
	if n := len(again.Candidatos); n > 0 && r.Mas > 0 {
		// Who came after the last one kept is not known any more.
		again.Candidatos[n-1].Gana = r.Candidatos[len(r.Candidatos)-1].Gana
	}
	return again
}

// Igual reports whether two recommendations rank and exclude the same people alike.
func (r Recomendacion) Igual(o Recomendacion) bool {
	return r.Criterios == o.Criterios && r.Mas == o.Mas && slices.Equal(r.Exclusiones, o.Exclusiones) &&
		slices.EqualFunc(r.Candidatos, o.Candidatos, func(a, b Candidato) bool {
			return a.Efectivo == b.Efectivo && a.EtaS == b.EtaS && a.Puntaje == b.Puntaje && a.Gana == b.Gana
		}) &&
		slices.EqualFunc(r.Descartados, o.Descartados, func(a, b Descartado) bool {
			return a.Efectivo == b.Efectivo && a.Causa == b.Causa
		})
}

// mejor compares two Aspirantes and says what told them apart.
func mejor(a, b Aspirante) (int, Criterio) {
	if n := cmp.Compare(lejos(a), lejos(b)); n != 0 {
		return n, PorDistancia
	}
	if n := cmp.Compare(a.Carga, b.Carga); n != 0 {
		return n, PorCarga
	}
	if n := cmp.Compare(b.DescansoS, a.DescansoS); n != 0 {
		return n, PorDescanso
	}
	return cmp.Compare(a.Efectivo, b.Efectivo), PorIdentificador
}

func lejos(a Aspirante) float64 {
	if a.DistanciaM == nil {
		return math.Inf(1)
	}
	return *a.DistanciaM
}

// redondo keeps what is worth telling apart: a centimetre, a tenth of a second.
func (a Aspirante) redondo() Aspirante {
	round := func(p *float64, to float64) *float64 {
		if p == nil {
			return nil
		}
		return new(math.Round(*p*to) / to)
	}
	a.DistanciaM, a.AntiguedadS = round(a.DistanciaM, redondeoMetros), round(a.AntiguedadS, redondeoSegundos)
	a.DescansoS = math.Round(a.DescansoS*redondeoSegundos) / redondeoSegundos
	return a
}

func (c *Candidato) puntua(k Criterios) {
	d := lejos(c.Aspirante)
	if math.IsInf(d, 1) {
		d = k.RadioM
	}
	if k.VelocidadMPS > 0 {
		c.EtaS = math.Round(d * desvioPorCalles / k.VelocidadMPS)
	}
	if k.RadioM > 0 {
		c.Puntaje = math.Round(10_000*max(0, 1-d/k.RadioM)) / 100
	}
}

// RecomendacionEmitida keeps a recommendation whole: what it was made of and what it came to.
type RecomendacionEmitida struct {
	Recomendacion
	En time.Time `json:"en"`
}

// EventName implements event.Event.
func (RecomendacionEmitida) EventName() string { return "tarea.recomendacion_emitida" }

func (RecomendacionEmitida) esTarea() {}

// EmitirRecomendacion records who should go.
type EmitirRecomendacion struct {
	Orden
	Recomendacion Recomendacion
}

// Autoriza names the action in the table of permissions.
func (EmitirRecomendacion) Autoriza() permiso.Accion { return permiso.EmergenciaCrear }

func (s State) emitirRecomendacion(c EmitirRecomendacion) ([]Event, error) {
	switch alcance := permiso.De(c.Por.Rol, permiso.EmergenciaCrear); {
	case alcance == permiso.Nada:
		return nil, permiso.ErrProhibido
	case !s.Existe(), !s.Alcanza(c.Por, alcance):
		return nil, ErrNoExiste
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	if k := c.Recomendacion.Criterios; !(k.RadioM > 0 && k.AntiguedadMaxS > 0 && k.VelocidadMPS > 0 && k.PlazoS > 0) {
		return nil, ErrDatos.With(fault.Field{Name: "criterios", Message: "son todos mayores que cero"})
	}
	return []Event{RecomendacionEmitida{Recomendacion: c.Recomendacion, En: c.En}}, nil
}

func segundos(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
