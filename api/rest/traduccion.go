package rest

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
)

// aliasesSince is when the aliases were deprecated: the day they were made, for they are
// there for those who have yet to leave them (RFC 9745).
const aliasesSince = "@1795651200"

const (
	shapeKey   = "gad.shape"
	headerLink = "Link"
)

// announce says in every answer of an alias, refusals too, what to ask instead and until when.
func (a *API) announce(c echo.Context, al *Alias) {
	h := c.Response().Header()
	h.Set("Deprecation", aliasesSince)
	if !a.Settings.AliasesUntil.IsZero() {
		h.Set("Sunset", a.Settings.AliasesUntil.UTC().Format(http.TimeFormat))
	}
	_, path, _ := strings.Cut(al.Sucesora, " ")
	for _, name := range c.ParamNames() {
		path = strings.ReplaceAll(path, ":"+name, url.PathEscape(c.Param(name)))
	}
	if !strings.Contains(path, "/:") { // the body names it: translated will know
		h.Set(headerLink, "<"+path+`>; rel="successor-version"`)
	}
}

// translated reads a request of the predecessor as one of ours, and lets handle answer it.
func translated(al Alias, handle func(*request) error) func(*request) error {
	return func(r *request) error {
		if err := al.address(r); err != nil {
			return err
		}
		var theirs map[string]string
		if al.body != nil || al.given != nil {
			var err error
			if theirs, err = al.content(r); err != nil {
				return err
			}
		}
		if al.shape != nil {
			r.Set(shapeKey, al.shape)
		}
		return inTheirNames(theirs, handle(r))
	}
}

// inTheirNames points a refusal at the fields as the request named them, or would have.
func inTheirNames(theirs map[string]string, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	said := *f
	said.Fields = slices.Clone(f.Fields)
	for i, field := range said.Fields {
		if name, renamed := theirs[field.Name]; renamed {
			said.Fields[i].Name = name
		}
	}
	if e, ok := errors.AsType[*problem.Error](err); ok {
		return &problem.Error{Status: e.Status, Fault: &said}
	}
	return &said
}

// theirs is what the fields of ours are called in a request that has these.
func (al Alias) theirs(fields map[string]jsontext.Value) map[string]string {
	names := map[string]string{}
	for name, ours := range al.body {
		if _, there := fields[ours]; !there && ours != leave && ours != absorb {
			names[ours] = name
		}
	}
	return names
}

// address renames the parameters. What cannot be read stays: the handler refuses it.
func (al Alias) address(r *request) error {
	u := r.Request().URL
	values, unread := url.ParseQuery(u.RawQuery)
	if al.query == nil || unread != nil {
		return nil //nolint:nilerr // the handler refuses it, in its own words
	}
	if skip := values.Get("skip"); al.query["skip"] != "" && skip != "" && skip != "0" {
		return errParametro.With(fault.Field{Name: "skip", Message: "solo puede ser 0; lo que sigue está en el encabezado Link, rel=next"})
	}
	out := url.Values{}
	for name, v := range values {
		if ours, known := al.query[name]; known {
			name = ours
		}
		if name != "skip" {
			out[name] = append(out[name], v...)
		}
	}
	u.RawQuery = out.Encode()
	return nil
}

// content renames the fields of the body. What is no object stays, for the handler to refuse.
// It returns what the fields are called in the request, by their names here.
func (al Alias) content(r *request) (theirs map[string]string, err error) {
	if err := r.read(); err != nil {
		return nil, err
	}
	fields := map[string]jsontext.Value{}
	if len(r.body) == 0 {
		if al.given == nil {
			return nil, nil
		}
		r.Request().Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	} else {
		if err := r.checkType(); err != nil {
			return nil, err
		}
		if err := scan(r.body); err != nil {
			return nil, err
		}
		if jsontext.Value(r.body).Kind() != '{' {
			return nil, nil
		}
		if err := json.Unmarshal(r.body, &fields); err != nil {
			return nil, syntax(err)
		}
	}
	out := map[string]jsontext.Value{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value, ours := fields[name], name
		if to, known := al.body[name]; known {
			ours = to
		}
		switch {
		case al.id != "" && name == al.id:
			al.point(r, value)
			continue
		case ours == leave, ours == absorb && !says(value):
			continue
		case ours == absorb:
			ours = name
		}
		if _, twice := out[ours]; twice {
			return nil, errRepetido.With(fault.Field{Name: name, Message: "dice lo mismo que " + ours})
		}
		if word, known := al.words[ours][strings.Trim(string(value), `"`)]; known {
			value = text(word)
		}
		out[ours] = value
	}
	for name, value := range al.given {
		if _, there := out[name]; !there {
			out[name] = text(value)
		}
	}
	if _, there := fields[al.id]; al.id != "" && !there {
		return nil, ident.ErrInvalido.With(fault.Field{Name: al.id, Message: "falta"})
	}
	body, err := json.Marshal(out, json.Deterministic(true))
	r.body = body
	return al.theirs(fields), err
}

// point makes a field of the body the :id of the address. What is no text names nothing.
func (al Alias) point(r *request, value jsontext.Value) {
	id, _ := strings.CutPrefix(string(value), `"`)
	id = strings.TrimSuffix(id, `"`)
	r.SetParamNames("id")
	r.SetParamValues(id)
	_, path, _ := strings.Cut(al.Sucesora, " ")
	r.Response().Header().Set(headerLink, "<"+strings.ReplaceAll(path, ":id", url.PathEscape(id))+`>; rel="successor-version"`)
}

// says reports whether a value is more than the absence of one.
func says(value jsontext.Value) bool {
	return !slices.Contains([]string{"null", "false", `""`, "[]"}, string(value))
}

func text(s string) jsontext.Value {
	quoted, _ := jsontext.AppendQuote(nil, s) // of our own making, so valid
	return quoted
}

// of gives an answer the names of the predecessor too.
func (s *shape) of(c echo.Context, body []byte) ([]byte, error) {
	if !s.list {
		return s.named(body)
	}
	var page struct {
		Datos     []jsontext.Value `json:"datos"`
		Siguiente *string          `json:"siguiente"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, err
	}
	if page.Siguiente != nil {
		u := *c.Request().URL
		q := u.Query()
		q.Set("cursor", *page.Siguiente)
		u.RawQuery = q.Encode()
		c.Response().Header().Add(headerLink, "<"+u.RequestURI()+`>; rel="next"`)
	}
	out := make([]jsontext.Value, len(page.Datos))
	for i, item := range page.Datos {
		var err error
		if out[i], err = s.named(item); err != nil {
			return nil, err
		}
	}
	return json.Marshal(out)
}

// named adds the names to one object.
func (s *shape) named(body []byte) (jsontext.Value, error) {
	object := map[string]jsontext.Value{}
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, err
	}
	for theirs, path := range s.names {
		value, err := find(body, strings.Split(path, "."))
		if err != nil {
			return nil, err
		}
		object[theirs] = value
	}
	for name, within := range s.each {
		var items []jsontext.Value
		if err := json.Unmarshal(object[name], &items); err != nil {
			return nil, err
		}
		for i := range items {
			var err error
			if items[i], err = within.named(items[i]); err != nil {
				return nil, err
			}
		}
		list, err := json.Marshal(items)
		if err != nil {
			return nil, err
		}
		object[name] = list
	}
	return json.Marshal(object, json.Deterministic(true))
}

// find follows a path of fields, places in lists, and * for one of each; null where it ends.
func find(value jsontext.Value, path []string) (jsontext.Value, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch value.Kind() { //nolint:exhaustive // a path ends at anything else
	case '{':
		object := map[string]jsontext.Value{}
		if err := json.Unmarshal(value, &object); err != nil {
			return nil, err
		}
		if within, there := object[path[0]]; there {
			return find(within, path[1:])
		}
	case '[':
		var items []jsontext.Value
		if err := json.Unmarshal(value, &items); err != nil {
			return nil, err
		}
		if path[0] == "*" {
			out := make([]jsontext.Value, len(items))
			for i := range items {
				var err error
				if out[i], err = find(items[i], path[1:]); err != nil {
					return nil, err
				}
			}
			return json.Marshal(out)
		}
		if n, err := strconv.Atoi(path[0]); err == nil && n < len(items) {
			return find(items[n], path[1:])
		}
	}
	return jsontext.Value("null"), nil
}
