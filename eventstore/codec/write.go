package codec

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// marshal returns the canonical JSON of v.
func marshal(v any) ([]byte, error) {
	rv := reflect.ValueOf(v)
	if rv.IsValid() {
		if p := planOf(rv.Type()); p != nil {
			return p.append(make([]byte, 0, 256), rv)
		}
	}
	return canonicalOf(nil, v)
}

// canonicalOf appends what encoding/json writes, in canonical form.
func canonicalOf(dst []byte, v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Canonical(dst, raw)
}

func (p *plan) append(dst []byte, v reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.FieldByIndex(f.index)
		if f.omit && (fv.IsZero() || f.zero && fv.Interface().(interface{ IsZero() bool }).IsZero()) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.quote...)
		if f.ptr {
			if fv.IsNil() {
				dst = append(dst, "null"...)
				continue
			}
			fv = fv.Elem()
		}
		var err error
		if dst, err = f.append(dst, fv); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return append(dst, '}'), nil
}

func (f *field) append(dst []byte, v reflect.Value) ([]byte, error) {
	switch f.kind {
	case kindString:
		return appendString(dst, v.String())
	case kindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case kindInt:
		if n := v.Int(); n > -1e15 && n < 1e15 {
			return strconv.AppendInt(dst, n, 10), nil
		}
	case kindFloat:
		n := v.Float()
		switch {
		case math.IsNaN(n) || math.IsInf(n, 0):
			return nil, errNumber
		case n == 0: // also -0
			return append(dst, '0'), nil
		}
		return appendNumber(dst, n), nil
	case kindTime:
		dst = append(dst, '"')
		dst, err := v.Interface().(time.Time).AppendText(dst)
		if err != nil {
			return nil, err
		}
		return append(dst, '"'), nil
	case kindText:
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return nil, err
		}
		return appendString(dst, string(text))
	case kindStruct:
		return f.sub.append(dst, v)
	case kindOther:
	}
	return canonicalOf(dst, v.Interface())
}

func appendString(dst []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if b := s[i]; b < 0x20 || b == '"' || b == '\\' || b >= utf8.RuneSelf {
			if !utf8.ValidString(s) {
				return nil, errText
			}
			return appendText(dst, []byte(s)), nil
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"'), nil
}
