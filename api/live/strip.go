package live

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/sealed"
)

// stripper removes commitments from payloads. Where they stand it learns from
// the definitions, so that a new fact cannot be forgotten here; a payload
// without definition is not sent at all.
type stripper map[definition]*node

type definition struct {
	name   string
	schema int
}

// node says what to remove below one JSON value: the members named true in cut,
// and what deeper nodes say.
type node struct {
	cut  map[string]bool
	deep map[string]*node
	each *node // of the elements of an array
}

func newStripper(definitions []event.Definition) stripper {
	s := stripper{}
	for _, d := range definitions {
		s[definition{d.Name, d.Version}] = walk(reflect.TypeOf(d.Payload))
	}
	return s
}

var commitment = reflect.TypeFor[sealed.Commitment]()

// walk returns what to remove from values of type t, or nil for nothing.
func walk(t reflect.Type) *node {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() { //nolint:exhaustive // other kinds hold nothing
	case reflect.Slice, reflect.Array:
		if each := walk(t.Elem()); each != nil {
			return &node{each: each}
		}
	case reflect.Struct:
		n := &node{cut: map[string]bool{}, deep: map[string]*node{}}
		n.fields(t)
		if len(n.cut)+len(n.deep) > 0 {
			return n
		}
	}
	return nil
}

func (n *node) fields(t reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		ft := f.Type
		for ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		if f.Anonymous && name == "" && ft.Kind() == reflect.Struct {
			n.fields(ft) // encoded as fields of the outer object
			continue
		}
		if name == "" {
			name = f.Name
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if ft == commitment {
			n.cut[name] = true
		} else if below := walk(ft); below != nil {
			n.deep[name] = below
		}
	}
}

// strip returns a payload without its commitments.
func (s stripper) strip(name string, schema int, payload []byte) (json.RawMessage, error) {
	n, known := s[definition{name, schema}]
	switch {
	case !known:
		return json.RawMessage("{}"), nil
	case n == nil:
		return payload, nil
	}
	out, err := n.apply(payload)
	if err != nil {
		return nil, fmt.Errorf("strip %s v%d: %w", name, schema, err)
	}
	return out, nil
}

func (n *node) apply(raw json.RawMessage) (json.RawMessage, error) {
	if n.each != nil {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil || list == nil {
			return raw, err
		}
		for i := range list {
			var err error
			if list[i], err = n.each.apply(list[i]); err != nil {
				return nil, err
			}
		}
		return json.Marshal(list)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return raw, err
	}
	for name, value := range object {
		if n.cut[name] {
			delete(object, name)
		} else if below := n.deep[name]; below != nil {
			stripped, err := below.apply(value)
			if err != nil {
				return nil, err
			}
			object[name] = stripped
		}
	}
	return json.Marshal(object)
}
