package rest

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openapi []byte

// Contract returns the text of openapi.yaml.
func Contract() []byte { return openapi }

// livez says only that the process runs.
func (a *API) livez(r *request) error { return r.probe(a.Health.Livez()) }

// readyz says whether traffic may come.
func (a *API) readyz(r *request) error { return r.probe(a.Health.Readyz()) }

// health lists every part.
func (a *API) health(r *request) error { return r.probe(a.Health.Details()) }

func (r *request) probe(h http.Handler) error {
	h.ServeHTTP(r.Response(), r.Request())
	return nil
}

// contract serves GET /openapi.yaml.
func (a *API) contract(r *request) error {
	r.Response().Header().Set("Cache-Control", "public, max-age=300")
	return r.Blob(http.StatusOK, "application/yaml", openapi)
}
