package rest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
)

// What stands in the place of a text.
const (
	reservado = "[reservado]" // the caller may not read it
	suprimido = "[suprimido]" // erased: nobody can any more
)

// maxFree bounds a motivo or observaciones, in characters.
const maxFree = 4000

// free seals a free text of a Tarea.
func free(o tarea.Orden, field, value string) (sealed.Text, error) {
	if utf8.RuneCountInString(value) > maxFree {
		return sealed.Text{}, tarea.ErrDatos.With(fault.Field{Name: field, Message: fmt.Sprintf("lleva como mucho %d caracteres", maxFree)})
	}
	return commands.Seal(string(o.ID), field, value), nil
}

// bodyID reads an identifier out of a body.
func bodyID[T ~string](field, text string) (T, error) {
	id, err := ident.Parse[T](text)
	if err != nil {
		return "", ident.ErrInvalido.With(fault.Field{Name: field, Message: ident.ErrInvalido.Message})
	}
	return id, nil
}

// masked reports whether free text and names are withheld from somebody. What
// the chain of command reads of a Tarea it reads of its history too.
func masked(who auth.Identity) bool { return who.Rol == permiso.Auditor }

func maskTarea(who auth.Identity, t *tareas.Tarea) {
	if !masked(who) {
		return
	}
	t.Titulo = reservado
	if t.Descripcion != "" {
		t.Descripcion = reservado
	}
	if t.Ubicacion != nil && t.Ubicacion.Descripcion != "" {
		place := *t.Ubicacion
		place.Descripcion = reservado
		t.Ubicacion = &place
	}
}

func maskDetalle(who auth.Identity, d *tareas.Detalle) {
	if !masked(who) {
		return
	}
	if d.Telefono != "" {
		d.Telefono = reservado
	}
	for i := range d.Notas {
		d.Notas[i].Texto = reservado
	}
	for i := range d.Adjuntos {
		d.Adjuntos[i].Nombre = reservado
	}
	for i := range d.Lista {
		d.Lista[i].Texto = reservado
	}
}

func maskEfectivo(who auth.Identity, e *efectivos.Efectivo) {
	if masked(who) && e.Nombre != "" {
		e.Nombre = reservado
	}
}

// located is a commitment and where in the payload it stands.
type located struct {
	path       []string
	commitment sealed.Commitment
}

// commitments finds the commitments of a fact by the types of its fields: a
// string that merely looks like one (a hash, a root) is left alone.
func commitments(e event.Event) (found []located) {
	if e != nil {
		walk(reflect.ValueOf(e), nil, &found)
	}
	return found
}

var commitmentType = reflect.TypeFor[sealed.Commitment]()

func walk(v reflect.Value, path []string, found *[]located) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Type() == commitmentType {
		if c := v.Interface().(sealed.Commitment); !c.IsZero() {
			*found = append(*found, located{path, c})
		}
		return
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			walk(v.Index(i), append(append([]string(nil), path...), strconv.Itoa(i)), found)
		}
		return
	}
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		next := path
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			next = append(append([]string(nil), path...), name)
		}
		walk(v.Field(i), next, found)
	}
}

// opened are the payloads of facts with their texts in place of commitments, as
// far as the caller may read them. Personal data (facts about Usuarios) stays
// closed here for everybody: reading it is an act of its own.
func (a *API) opened(ctx context.Context, who auth.Identity, records []eventstore.Recorded) ([]map[string]any, error) {
	var (
		out    = make([]map[string]any, len(records))
		places = make([][]located, len(records))
		wanted []sealed.Commitment
	)
	for i, rec := range records {
		if err := json.Unmarshal(rec.Payload, &out[i]); err != nil {
			return nil, fmt.Errorf("read the payload at %d: %w", rec.Position, err)
		}
		places[i] = commitments(rec.Event)
		if readable(who, rec) {
			for _, l := range places[i] {
				wanted = append(wanted, l.commitment)
			}
		}
	}
	texts := map[sealed.Commitment]string{}
	if len(wanted) > 0 {
		if a.Texts == nil {
			return nil, errors.New("no vault to open texts with")
		}
		var err error
		if texts, err = a.Texts.Reveal(ctx, wanted); err != nil {
			return nil, fmt.Errorf("open texts: %w", err)
		}
	}
	for i, rec := range records {
		for _, l := range places[i] {
			text, ok := texts[l.commitment]
			switch {
			case !readable(who, rec):
				text = reservado
			case !ok:
				text = suprimido
			}
			put(out[i], l.path, text)
		}
	}
	return out, nil
}

func readable(who auth.Identity, rec eventstore.Recorded) bool {
	return !masked(who) && strings.HasPrefix(string(rec.Stream), "tarea-")
}

// put writes a text where its commitment stood; the step into a list is an index.
func put(into map[string]any, path []string, text string) {
	var at any = into
	for ; len(path) > 1; path = path[1:] {
		switch v := at.(type) {
		case map[string]any:
			at = v[path[0]]
		case []any:
			i, err := strconv.Atoi(path[0])
			if err != nil || i >= len(v) {
				return
			}
			at = v[i]
		default:
			return
		}
	}
	if last, ok := at.(map[string]any); ok && len(path) == 1 {
		last[path[0]] = text
	}
}
