package rest

import (
	"net/http"
	"strings"
)

// Alias is an address of the predecessor: a route of today under another name. It has
// neither a handler nor a permission of its own, so it cannot come to differ from what it
// stands for.
type Alias struct {
	Ruta     string // "POST /api/v1/tasks/emergency"
	Sucesora string // the route that answers, as the table of routes writes it
	// Nota says what differs from the predecessor, and why.
	Nota string

	slash bool              // its clients write it with a slash at the end too
	query map[string]string // its parameter, ours
	body  map[string]string // its field, ours; leave, or absorb
	words map[string]map[string]string
	given map[string]string // texts that its clients have no way to say
	id    string            // the field of the body that is the :id of the successor
	shape *shape            // nil: answered as the successor does
}

// What becomes of a field of the predecessor that stands for nothing of ours.
const (
	leave  = "-" // read and forgotten: we know better
	absorb = "?" // forgotten where it says nothing; refused like any unknown field where it does
)

// shape are the names the predecessor gave to parts of an answer. Ours stay beside them.
type shape struct {
	list  bool              // a page is its bare list
	names map[string]string // its name, the path of ours
	each  map[string]shape  // the same within lists
}

var (
	shapeTarea   = shape{names: map[string]string{"uuid": "id", "delegado_usuario_id": "delegado", "creado_por_usuario_id": "creador", "efectivos_asignados": "asignaciones.*.efectivo"}}
	shapeUsuario = shape{names: map[string]string{"uuid": "id"}}
	shapeMade    = shape{names: map[string]string{"uuid": "id"}}

	fieldsTarea = map[string]string{
		"delegado_usuario_id": "delegado", "efectivos_asignados": "efectivos", "creado_por_usuario_id": leave, "estado": absorb,
	}
	paging = map[string]string{"limit": "limite", "skip": "skip"}
)

func listOf(s shape) *shape { return &shape{list: true, names: s.names} }

// Aliases is the table of them; ops/docs/compatibilidad.md is made of it.
func Aliases() []Alias {
	const get, post, put, del = http.MethodGet + " " + prefix, http.MethodPost + " " + prefix, http.MethodPut + " " + prefix, http.MethodDelete + " " + prefix
	return []Alias{
		{
			Ruta: get + "/tasks", Sucesora: get + "/tareas", slash: true, query: paging, shape: listOf(shapeTarea),
			Nota: "Contesta la lista sola, como antes; lo que sigue está en `Link: <…>; rel=\"next\"`. `limit` llega a 200 y `skip` solo puede ser 0: una lista que cambia no se recorre contando.",
		},
		{
			Ruta: post + "/tasks", Sucesora: post + "/tareas", slash: true, body: fieldsTarea, shape: &shapeMade,
			Nota: "201 con `id`, `codigo` y `version`. Los identificadores son UUID. `creado_por_usuario_id` no se escucha: la crea quien muestra la sesión. Toda tarea nace programada: `estado` no va.",
		},
		{Ruta: get + "/tasks/:id", Sucesora: get + "/tareas/:id", shape: &shapeTarea, Nota: "El identificador es un UUID o el código."},
		{
			Ruta: put + "/tasks/:id", Sucesora: http.MethodPatch + " " + prefix + "/tareas/:id", shape: &shapeMade,
			body: map[string]string{"delegado_usuario_id": "delegado", "estado": absorb, "efectivos_asignados": absorb, "codigo": absorb},
			Nota: "Lo que no se nombra queda. El estado cambia por sus órdenes (`/inicio`, `/pausa`, `/finalizacion`…) y los efectivos por `/asignaciones`: cada uno es un hecho con su autor. El código no cambia.",
		},
		{
			Ruta: del + "/tasks/:id", Sucesora: post + "/tareas/:id/cancelacion", shape: &shapeMade,
			given: map[string]string{"motivo": "eliminada desde un cliente anterior"},
			Nota:  "Nada se borra: la tarea queda cancelada y su historia, entera. Un `motivo` en el cuerpo vale más que el que se pone solo.",
		},
		{
			Ruta: post + "/tasks/emergency", Sucesora: post + "/emergencias", body: map[string]string{"lng": "lon", "telegram_id": leave},
			shape: &shape{names: map[string]string{"id": "tarea", "assigned_efectivo_id": "ofrecida_a", "distance_m": "distancia_m"}},
			Nota:  "Lleva `descripcion`. `assigned_efectivo_id` es a quién se le ofreció: queda asignado cuando acepta. Sin nadie disponible la tarea existe igual, suena la alarma y ese campo es null.",
		},
		{
			Ruta: get + "/users", Sucesora: get + "/usuarios", slash: true, query: paging, shape: listOf(shapeUsuario),
			Nota: "Como `/tasks`. Los datos personales no están en las listas: se leen de a uno, con su motivo (`/usuarios/{id}/datos-personales`).",
		},
		{
			Ruta: post + "/users", Sucesora: post + "/usuarios", slash: true, body: map[string]string{"nivel": "rol", "telegram_id": absorb, "verificado": absorb},
			words: map[string]map[string]string{"rol": {"1": "efectivo", "2": "supervisor", "3": "administrador"}}, shape: &shapeMade,
			Nota: "`nivel` 1, 2, 3 es efectivo, supervisor, administrador; el 3 se da entre dos (403 `aprobacion_requerida`). La cuenta de Telegram la vincula su dueño con un código.",
		},
		{Ruta: get + "/users/me", Sucesora: get + "/auth/yo", shape: &shapeUsuario, Nota: "Igual."},
		{Ruta: get + "/users/:id", Sucesora: get + "/usuarios/:id", shape: &shapeUsuario, Nota: "Sin los datos personales, que se leen con su motivo."},
		{
			Ruta: put + "/users/:id", Sucesora: http.MethodPatch + " " + prefix + "/usuarios/:id", shape: &shapeMade,
			body: map[string]string{"nivel": absorb, "telegram_id": absorb, "verificado": absorb, "password": absorb},
			Nota: "Lo que no se nombra queda. El rol cambia en `/usuarios/{id}/rol`; la contraseña, quien la tiene, en `/auth/password`.",
		},
		{
			Ruta: del + "/users/:id", Sucesora: post + "/usuarios/:id/baja", shape: &shapeMade,
			given: map[string]string{"motivo": "eliminado desde un cliente anterior"},
			Nota:  "Nadie se borra: queda de baja. Sus datos personales se borran aparte, entre dos (`/usuarios/{id}/borrado-datos`).",
		},
		{
			Ruta: get + "/geo/map/view", Sucesora: get + "/geo/mapa", query: map[string]string{"center_lat": "lat", "center_lng": "lon", "radius_m": "radio_m"},
			shape: &shape{
				names: map[string]string{"usuarios": "efectivos"},
				each: map[string]shape{
					"usuarios": {names: map[string]string{"entity_id": "efectivo", "lng": "lon"}},
					"tareas":   {names: map[string]string{"entity_id": "id", "lng": "lon", "priority": "prioridad"}},
				},
			},
			Nota: "`usuarios` son los efectivos con su posición. `priority` es el número, de 1 a 5. `distance_m` no está: la distancia se pregunta en `/geo/cercanos`, que la mide sobre el elipsoide.",
		},
		{
			Ruta: post + "/telegram/auth/authenticate", Sucesora: post + "/auth/telegram",
			Nota: "Lleva `init_data`, que Telegram firma. Antes alcanzaba con decir un `telegram_id`: cualquiera entraba por cualquiera.",
		},
		{
			Ruta: post + "/telegram/tasks/create", Sucesora: post + "/tareas", body: map[string]string{"telegram_id": leave, "delegado_usuario_id": "delegado"}, shape: &shapeMade,
			Nota: "Como `POST /tasks`. La crea quien muestra su sesión.",
		},
		{
			Ruta: post + "/telegram/tasks/finalize", Sucesora: post + "/tareas/:id/finalizacion", id: "codigo",
			body: map[string]string{"telegram_id": leave}, shape: &shapeMade,
			Nota: "`codigo` dice cuál. Finaliza quien muestra su sesión y puede: un `telegram_id` en el cuerpo no es prueba de nada.",
		},
		{Ruta: get + "/telegram/tasks/code/:id", Sucesora: get + "/tareas/:id", shape: &shapeTarea, Nota: "Con sesión, y dentro de lo que cada uno puede ver."},
		{Ruta: http.MethodGet + " /ws/connect", Sucesora: http.MethodGet + " /ws", Nota: "El protocolo es el de `/ws`. El token va en el primer mensaje, nunca en la dirección; los encabezados de aviso no llegan en un 101."},
	}
}

// aliased are the routes of the aliases whose successors are in table.
func (a *API) aliased(table []route) (list []route) {
	byName := map[string]route{}
	for _, rt := range table {
		byName[rt.method+" "+rt.path] = rt
	}
	for _, al := range Aliases() {
		rt, ok := byName[al.Sucesora]
		if !ok {
			continue // in the other half of the table, and a test knows it to be in one
		}
		rt.alias, rt.handle = &al, translated(al, rt.handle)
		rt.method, rt.path, _ = strings.Cut(al.Ruta, " ")
		list = append(list, rt)
		if al.slash {
			rt.path += "/"
			list = append(list, rt)
		}
	}
	return list
}
