package rest

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
)

// maxFixes bounds one report of positions.
const maxFixes = 100

var errFixes = fault.New(fault.Invalid, "posiciones_invalidas", "el informe de posiciones no es válido")

type fix struct {
	Lat       *float64   `json:"lat"`
	Lon       *float64   `json:"lon"`
	En        *time.Time `json:"en"`
	Precision float64    `json:"precision_m"`
	Velocidad *float64   `json:"velocidad_mps"`
	Rumbo     *float64   `json:"rumbo"`
}

type rechazada struct {
	Indice int             `json:"indice"`
	Motivo efectivo.Motivo `json:"motivo"`
}

// posiciones serves POST /efectivos/{id}/posiciones. A fix that is refused is no
// error of the request: the answer lists it, and the others are stored.
func (a *API) posiciones(r *request) error {
	id, err := pathID[ident.Efectivo](r, "id")
	if err != nil {
		return err
	}
	var body struct {
		Fixes []fix `json:"fixes"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	if n := len(body.Fixes); n < 1 || n > maxFixes {
		return errFixes.With(fault.Field{Name: "fixes", Message: "lleva de 1 a 100 posiciones"})
	}
	fixes := make([]efectivo.Fix, len(body.Fixes))
	for i, f := range body.Fixes {
		if f.Lat == nil || f.Lon == nil || f.En == nil {
			fixes[i].Incompleto = true // refused alone: it takes no good one with it
			continue
		}
		fixes[i] = efectivo.Fix{
			Punto: geo.Punto{Lat: *f.Lat, Lon: *f.Lon}, En: f.En.UTC().Truncate(time.Microsecond), Precision: f.Precision,
			Velocidad: plausible(f.Velocidad, 1_000), Rumbo: plausible(f.Rumbo, 360),
		}
	}
	verdicts, err := a.Intake.Receive(r.Request().Context(), r.who.Autor, id, fixes, "rest")
	if err != nil {
		return err
	}
	answer := struct {
		Aceptadas  int         `json:"aceptadas"`
		Rechazadas []rechazada `json:"rechazadas"`
		Marcadas   []rechazada `json:"marcadas,omitzero"` // stored, but they do not move the marker
	}{Rechazadas: []rechazada{}}
	for i, v := range verdicts {
		switch {
		case v.Rechazada != "":
			answer.Rechazadas = append(answer.Rechazadas, rechazada{i, v.Rechazada})
			continue
		case v.Marcada:
			answer.Marcadas = append(answer.Marcadas, rechazada{i, efectivo.VelocidadImposible})
		}
		answer.Aceptadas++
	}
	return write(r.Context, http.StatusOK, echo.MIMEApplicationJSON, answer)
}

// plausible returns a measure that the device may leave out; -1 when it did or
// when it cannot be: a broken compass is no reason to lose the position.
func plausible(v *float64, most float64) float64 {
	if v == nil || !(*v >= 0 && *v <= most) {
		return -1
	}
	return *v
}
