// Package contracttest holds what a server is asked and answers against an OpenAPI contract, and
// makes requests out of one that are nearly right. It is for tests.
//
// Nothing of the libraries it reads with shows, not in a field either: whoever can name their
// types compiles their generic instances once more, which takes longer than the rest of its tests.
package contracttest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Contract is an OpenAPI document, ready to judge. It is safe for concurrent use.
type Contract struct {
	operations []operation

	mu   sync.Mutex // the document is used by one caller at a time
	text text
}

// operation is one of the contract, in its order.
type operation struct {
	method, path string
	open         bool // nobody has to say who he is
	deprecated   bool
}

// text is what a contract says, behind an interface for the sake of the package's promise.
type text interface {
	request(*http.Request) []string
	answer(*http.Request, *http.Response) []string
	draw(d Drawing, operation int) (target string, header http.Header, body []byte)
	needs(operation int) []string
}

// document implements text.
type document struct {
	judge      validator.Validator
	operations []asked
}

// asked is what one operation takes.
type asked struct {
	path       string
	parameters []*v3.Parameter
	body       *v3.RequestBody
}

// Open reads a contract.
func Open(yaml []byte) (*Contract, error) {
	read, err := libopenapi.NewDocument(yaml)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	model, err := read.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	judge, errs := validator.NewValidator(read)
	if len(errs) > 0 {
		return nil, fmt.Errorf("read the contract: %w", errs[0])
	}
	c, d := &Contract{}, &document{judge: judge}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			c.operations = append(c.operations, operation{
				method: strings.ToUpper(method), path: path,
				deprecated: op.Deprecated != nil && *op.Deprecated,
				open: op.Security != nil && !slices.ContainsFunc(op.Security, func(s *base.SecurityRequirement) bool {
					return !s.ContainsEmptyRequirement
				}),
			})
			d.operations = append(d.operations, asked{path, slices.Concat(item.Parameters, op.Parameters), op.RequestBody})
		}
	}
	c.text = d
	return c, nil
}

// Operations lists what is promised as "METHOD /path/{name}", in the contract's order.
func (c *Contract) Operations() []string {
	return c.names(func(operation) bool { return true })
}

// Deprecated lists the operations that will not stay.
func (c *Contract) Deprecated() []string {
	return c.names(func(o operation) bool { return o.deprecated })
}

func (c *Contract) names(which func(operation) bool) (names []string) {
	for _, o := range c.operations {
		if which(o) {
			names = append(names, o.method+" "+o.path)
		}
	}
	return names
}

// Need is an operation and what its body has to carry.
type Need struct {
	Method, Path string
	Fields       []string
}

// Needs lists the operations whose JSON body has members that are required.
func (c *Contract) Needs() (list []Need) {
	for i, o := range c.operations {
		if fields := c.text.needs(i); len(fields) > 0 {
			list = append(list, Need{o.method, o.path, fields})
		}
	}
	return list
}

func (d *document) needs(operation int) []string {
	body := d.operations[operation].body
	if body == nil {
		return nil
	}
	media, ok := body.Content.Get("application/json")
	if !ok {
		return nil
	}
	return media.Schema.Schema().Required
}

// Request lists in what a request breaks the contract.
func (c *Contract) Request(r *http.Request) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.request(r)
}

// Answer lists in what an answer breaks the contract.
func (c *Contract) Answer(r *http.Request, a *http.Response) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.answer(r, a)
}

func (d *document) request(r *http.Request) []string {
	_, found := d.judge.ValidateHttpRequest(r)
	return sentences(found)
}

func (d *document) answer(r *http.Request, a *http.Response) []string {
	_, found := d.judge.ValidateHttpResponse(r, a)
	return sentences(found)
}

func sentences(found []*errors.ValidationError) []string {
	var all []string
	for _, e := range found {
		all = append(all, fmt.Sprintf("%s: %s %v", e.Message, e.Reason, e.SchemaValidationErrors))
	}
	return all
}
