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
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/grupo-gad/gad/api/rest"
)

// contract is openapi.yaml, ready to judge. The validator is used by one test at a time.
var contract struct {
	once sync.Once
	mu   sync.Mutex
	doc  *libopenapi.DocumentModel[v3.Document]
	v    validator.Validator
	err  error
}

func loadContract(t *testing.T) validator.Validator {
	t.Helper()
	contract.once.Do(func() {
		document, err := libopenapi.NewDocument(rest.Contract())
		if err != nil {
			contract.err = err
			return
		}
		if contract.doc, contract.err = document.BuildV3Model(); contract.err != nil {
			return
		}
		v, errs := validator.NewValidator(document)
		if len(errs) > 0 {
			contract.err = errs[0]
		}
		contract.v = v
	})
	must(t, contract.err)
	return contract.v
}

// conforms checks a request that was accepted.
func conforms(t *testing.T, r *http.Request, a answer) {
	t.Helper()
	v := loadContract(t)
	contract.mu.Lock()
	defer contract.mu.Unlock()
	if ok, errs := v.ValidateHttpRequest(r); !ok {
		for _, e := range errs {
			t.Errorf("%s %s was accepted against the contract: %s: %s %v", r.Method, r.URL, e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	_ = a
}

// answerConforms checks an answer of any kind.
func answerConforms(t *testing.T, r *http.Request, a answer) {
	t.Helper()
	v := loadContract(t)
	contract.mu.Lock()
	defer contract.mu.Unlock()
	if a.status == http.StatusNotFound && strings.Contains(string(a.raw), "ruta_no_existe") || a.status == http.StatusMethodNotAllowed {
		return // not in the contract, by nature
	}
	resp := &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.raw))}
	if ok, errs := v.ValidateHttpResponse(r, resp); !ok {
		for _, e := range errs {
			t.Errorf("%s %s answered %d against the contract: %s: %s %v\n%s", r.Method, r.URL, a.status, e.Message, e.Reason, e.SchemaValidationErrors, a.raw)
		}
	}
}

var parameter = regexp.MustCompile(`:([a-z]+)`)

// TestContractIsTheRoutes compares the two lists in both directions.
func TestContractIsTheRoutes(t *testing.T) {
	t.Parallel()
	loadContract(t)
	var promised []string
	for path, item := range contract.doc.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			promised = append(promised, strings.ToUpper(method)+" "+path)
		}
	}
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
