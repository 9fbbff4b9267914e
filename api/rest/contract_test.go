package rest_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/api/rest/contracttest"
)

// contract is openapi.yaml, ready to judge.
var contract = sync.OnceValues(func() (*contracttest.Contract, error) { return contracttest.Open(rest.Contract()) })

func loadContract(t *testing.T) *contracttest.Contract {
	t.Helper()
	c, err := contract()
	must(t, err)
	return c
}

// conforms checks a request that was accepted.
func conforms(t *testing.T, r *http.Request) {
	t.Helper()
	for _, found := range loadContract(t).Request(r) {
		t.Errorf("%s %s was accepted against the contract: %s", r.Method, r.URL, found)
	}
}

// answerConforms checks an answer of any kind.
func answerConforms(t *testing.T, r *http.Request, a answer) {
	t.Helper()
	if a.status == http.StatusNotFound && strings.Contains(string(a.raw), "ruta_no_existe") || a.status == http.StatusMethodNotAllowed {
		return // not in the contract, by nature
	}
	resp := &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.raw))}
	for _, found := range loadContract(t).Answer(r, resp) {
		t.Errorf("%s %s answered %d against the contract: %s\n%s", r.Method, r.URL, a.status, found, a.raw)
	}
}

var parameter = regexp.MustCompile(`:([a-z]+)`)

// TestContractIsTheRoutes compares the two lists in both directions.
func TestContractIsTheRoutes(t *testing.T) {
	t.Parallel()
	promised := loadContract(t).Operations()
	e := echo.New()
	rest.EveryRoute(t).Register(e)
	var served []string
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound {
			served = append(served, r.Method+" "+parameter.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	slices.Sort(promised)
	slices.Sort(served)
	if diff := cmp.Diff(promised, served); diff != "" {
		t.Errorf("contract and routes differ (-contract +routes):\n%s", diff)
	}
}
