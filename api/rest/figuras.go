package rest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/estadisticas"
)

// figuras answers with figures. Everybody who sees everything gets the same answer until it is
// calculated anew: writing down a thousand groups and compressing them takes longer than finding
// them, and is done once.
func (a *API) figuras(r *request, f estadisticas.Firma, v any) error {
	if r.Get(shapeKey) != nil || !figures(r.Request().URL.Path) {
		return r.ok(f.Posicion, v)
	}
	p, err := a.print(r, f, v)
	if err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set(headerPosition, strconv.FormatInt(f.Posicion, 10))
	h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	body := p.plain
	if len(body) >= compressFrom && strings.Contains(r.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
		h.Set(echo.HeaderContentEncoding, "gzip")
		body = p.packed()
	}
	return r.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
}

// figures reports the addresses whose answers figuras writes and compresses.
func figures(path string) bool {
	return path == prefix+"/estadisticas/tareas" || path == prefix+"/estadisticas/tiempos" || path == prefix+"/geo/calor"
}

// question names what was asked and of what the answer is true: two with the same name have the
// same answer.
type question struct {
	path, query         string
	desde, hasta        int64 // Unix milliseconds; 0: no end
	calculada, posicion int64
}

// printing is an answer as it leaves.
type printing struct {
	plain  []byte
	packed func() []byte // compressed when somebody first wants it so
}

// maxPrinted bounds how many answers are kept. Figures are calculated anew every few seconds:
// the old ones are of no use.
const maxPrinted = 64

func (a *API) print(r *request, f estadisticas.Firma, v any) (printing, error) {
	u := r.Request().URL
	q := question{path: u.Path, query: u.RawQuery, desde: f.Desde.UnixMilli(), calculada: f.Calculada.UnixMilli(), posicion: f.Posicion}
	if f.Hasta != nil {
		q.hasta = f.Hasta.UnixMilli()
	}
	everything := r.scope().Alcance == permiso.Todo // few see the same part of it
	if everything {
		if known, ok := a.printed.Get(q); ok {
			return known, nil
		}
	}
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return printing{}, err
	}
	p := printing{body, sync.OnceValue(func() []byte { return packed(body) })}
	if everything {
		a.printed.Add(q, p)
	}
	return p, nil
}

func packed(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, compression) // a level that there is
	_, _ = w.Write(body)                           // into memory
	_ = w.Close()
	return out.Bytes()
}
