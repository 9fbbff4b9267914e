package domain_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/zona"
)

const commitmentPattern = "^[0-9a-f]{64}$"

// known are the types whose written form says more than their Go kind.
var known = map[reflect.Type]map[string]any{
	reflect.TypeFor[time.Time]():         {"type": "string", "format": "date-time"},
	reflect.TypeFor[sealed.Commitment](): {"type": "string", "pattern": commitmentPattern},
	reflect.TypeFor[tarea.Prioridad]():   {"type": "integer", "minimum": 1, "maximum": 5},
	reflect.TypeFor[tarea.Tipo](): words(tarea.Patrullaje, tarea.Investigacion, tarea.Vigilancia, tarea.Intervencion,
		tarea.Inspeccion, tarea.Administrativa, tarea.Entrenamiento, tarea.Emergencia),
	reflect.TypeFor[efectivo.Disponibilidad](): words(efectivo.Disponible, efectivo.EnTarea, efectivo.NoDisponible,
		efectivo.FueraServicio, efectivo.EnLicencia),
	reflect.TypeFor[efectivo.Causa](): words(efectivo.PorOrden, efectivo.PorAsignacion, efectivo.PorLiberacion),
	reflect.TypeFor[permiso.Rol]():    words(permiso.Roles()...),
	reflect.TypeFor[zona.Clase]():     words(zona.Jurisdiccion, zona.Restringida, zona.Interes, zona.Corredor),
	reflect.TypeFor[geo.Punto](): {
		"type": "object", "required": []string{"lat", "lon"}, "additionalProperties": false,
		"properties": map[string]any{
			"lat": map[string]any{"type": "number", "minimum": -90, "maximum": 90},
			"lon": map[string]any{"type": "number", "minimum": -180, "maximum": 180},
		},
	},
}

func words[T ~string](list ...T) map[string]any {
	return map[string]any{"type": "string", "enum": list}
}

// schemaOf derives the JSON Schema of a stored payload from the struct that
// mirrors it: what is not omitzero is required, and nothing else is allowed,
// because a payload with another shape is another version.
func schemaOf(def event.Definition) map[string]any {
	schema := schemaOfType(reflect.TypeOf(def.Payload))
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = fmt.Sprintf("%s v%d", def.Name, def.Version)
	return schema
}

func schemaOfType(t reflect.Type) map[string]any {
	if s, ok := known[t]; ok {
		return s
	}
	if strings.HasSuffix(t.PkgPath(), "/domain/ident") {
		return map[string]any{"type": "string", "format": "uuid"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOfType(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOfType(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		fields(t, properties, &required)
		return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	default:
	}
	panic(fmt.Sprintf("a payload holds a %s", t))
}

func fields(t reflect.Type, properties map[string]any, required *[]string) {
	for f := range t.Fields() {
		if f.Anonymous {
			embedded := schemaOfType(f.Type)
			maps.Copy(properties, embedded["properties"].(map[string]any))
			*required = append(*required, embedded["required"].([]string)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		properties[name] = schemaOfType(f.Type)
		if !strings.Contains(options, "omitzero") {
			*required = append(*required, name)
		}
	}
}
