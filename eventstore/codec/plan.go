package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// plan is how the values of one struct type are written and read. It knows what events are
// made of; for everything else it is nil, and encoding/json does the work. Either way the
// bytes and the values are the same: a test compares them for every event there is.
type plan struct {
	fields []field // in canonical order of their names
}

// field is one member of the JSON object.
type field struct {
	name  string
	quote string // the name as it is written, with the colon
	index []int  // of the struct field, through embedded structs
	omit  bool   // omitzero
	zero  bool   // the type says itself what zero is
	kind  kind
	typ   reflect.Type // of the value, behind the pointer if it is one
	ptr   bool
	sub   *plan // of a struct
}

// kind says how a value is written.
type kind uint8

const (
	kindOther kind = iota // by encoding/json
	kindString
	kindBool
	kindInt
	kindFloat
	kindTime
	kindText // MarshalText and UnmarshalText
	kindStruct
)

var (
	typeZero            = reflect.TypeFor[interface{ IsZero() bool }]()
	typeNumber          = reflect.TypeFor[json.Number]()
	typeTime            = reflect.TypeFor[time.Time]()
	typeMarshaler       = reflect.TypeFor[json.Marshaler]()
	typeUnmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	typeTextMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	typeTextUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plans holds a *plan by reflect.Type, nil for types without one.
var plans sync.Map

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := makePlan(t)
	plans.Store(t, p)
	return p
}

// makePlan returns nil for what is not a plain struct. Types do not contain themselves: an
// event is a tree of values.
func makePlan(t reflect.Type) *plan {
	if t.Kind() != reflect.Struct || custom(t) {
		return nil
	}
	var p plan
	if !p.add(t, nil) {
		return nil
	}
	slices.SortFunc(p.fields, func(a, b field) int { return compareNames(a.name, b.name) })
	for i := 1; i < len(p.fields); i++ {
		if p.fields[i].name == p.fields[i-1].name {
			return nil // embedding hides one of them: encoding/json knows which
		}
	}
	return &p
}

// add collects the members that the fields of t make, and reports whether it understood them all.
func (p *plan) add(t reflect.Type, index []int) bool {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		tag, tagged := sf.Tag.Lookup("json")
		if sf.Anonymous && !tagged {
			if sf.Type.Kind() != reflect.Struct || custom(sf.Type) || !p.add(sf.Type, at) {
				return false
			}
			continue
		}
		if !sf.IsExported() || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			name = sf.Name
		}
		if options != "" && options != "omitzero" {
			return false
		}
		f := field{name: name, index: at, omit: options == "omitzero", typ: sf.Type}
		f.quote = string(append(appendText(nil, []byte(name)), ':'))
		if f.ptr = sf.Type.Kind() == reflect.Pointer; f.ptr {
			f.typ = sf.Type.Elem()
		}
		f.zero = sf.Type.Implements(typeZero)
		f.kind, f.sub = kindOf(f.typ)
		p.fields = append(p.fields, f)
	}
	return true
}

// custom reports whether a type brings its own JSON.
func custom(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(typeMarshaler) || p.Implements(typeUnmarshaler) ||
		p.Implements(typeTextMarshaler) || p.Implements(typeTextUnmarshaler)
}

func kindOf(t reflect.Type) (kind, *plan) {
	p := reflect.PointerTo(t)
	switch {
	case t == typeTime:
		return kindTime, nil
	case t == typeNumber, p.Implements(typeMarshaler), p.Implements(typeUnmarshaler):
		return kindOther, nil
	case t.Implements(typeTextMarshaler) && p.Implements(typeTextUnmarshaler):
		return kindText, nil
	case custom(t):
		return kindOther, nil
	}
	switch t.Kind() { //nolint:exhaustive // the rest is left to encoding/json
	case reflect.String:
		return kindString, nil
	case reflect.Bool:
		return kindBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return kindInt, nil
	case reflect.Float64:
		return kindFloat, nil
	case reflect.Struct:
		if sub := planOf(t); sub != nil {
			return kindStruct, sub
		}
	}
	return kindOther, nil
}
