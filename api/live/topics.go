package live

import (
	"maps"
	"slices"
	"strings"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// maxTopics bounds the subscriptions of a session.
const maxTopics = 20

// temas is the table of topics: what it takes to hear anything of each. A word that is not in
// it is no topic.
var temas = map[string]permiso.Accion{
	"tareas":    permiso.TareaLeer,
	"tarea":     permiso.TareaLeer,
	"efectivos": permiso.EfectivoLeer,
	"alertas":   permiso.AlertaLeer,
	"marcas":    permiso.MarcaLeer,
	"zona":      permiso.ZonaLeer,
	"yo":        permiso.VivoLeer,
}

// Accesos lists the ways into this face, by name.
func Accesos() []permiso.Acceso {
	list := make([]permiso.Acceso, 0, len(temas))
	for _, kind := range slices.Sorted(maps.Keys(temas)) {
		list = append(list, permiso.Acceso{Cara: permiso.CaraVivo, Nombre: kind, Accion: temas[kind]})
	}
	return list
}

// topics is what a session wants to hear about.
type topics struct {
	tareas, efectivos, alertas, marcas, yo bool
	zonas                                  map[ident.Zona]bool
	una                                    map[ident.Tarea]bool
}

var (
	errTema  = fault.New(fault.Invalid, "tema_desconocido", "ese tema no existe")
	errTemas = fault.New(fault.Invalid, "demasiados_temas", "se admiten hasta 20 temas por sesión")
)

// parseTopics reads the words of the protocol.
func parseTopics(words []string) (topics, error) {
	t := topics{zonas: map[ident.Zona]bool{}, una: map[ident.Tarea]bool{}}
	for _, w := range words {
		kind, id, one := strings.Cut(w, ":")
		if _, known := temas[kind]; !known {
			return t, errTema
		}
		switch {
		case w == "tareas":
			t.tareas = true
		case w == "efectivos":
			t.efectivos = true
		case w == "alertas":
			t.alertas = true
		case w == "marcas":
			t.marcas = true
		case w == "yo":
			t.yo = true
		case one && kind == "zona":
			z, err := ident.Parse[ident.Zona](id)
			if err != nil {
				return t, errTema
			}
			t.zonas[z] = true
		case one && kind == "tarea":
			id, err := ident.Parse[ident.Tarea](id)
			if err != nil {
				return t, errTema
			}
			t.una[id] = true
		default:
			return t, errTema
		}
	}
	return t, nil
}

// allowed refuses the topics of which a rol could never hear anything. How far
// it reaches inside a topic is decided fact by fact.
func allowed(words []string, por permiso.Autor) error {
	for _, w := range words {
		kind, _, _ := strings.Cut(w, ":")
		if permiso.De(por.Rol, temas[kind]) == permiso.Nada {
			return permiso.ErrProhibido
		}
	}
	return nil
}

// wants reports whether a session that may see a fact asked for it.
func (t *topics) wants(a *audience, mine bool) bool {
	switch a.aggregate {
	case "tarea":
		return t.tareas || t.yo && mine || t.una[a.tarea] || t.inZona(a)
	case "efectivo":
		return t.efectivos || t.yo && mine || a.tarea != "" && t.una[a.tarea]
	case "zona":
		return t.inZona(a)
	case "marca":
		return t.marcas || t.yo && mine || t.inZona(a)
	case "usuario":
		return t.yo && mine
	}
	return false
}

func (t *topics) inZona(a *audience) bool {
	return len(t.zonas) > 0 && slices.ContainsFunc(a.zonas[:], func(z ident.Zona) bool { return z != "" && t.zonas[z] })
}

// concerns reports whether a fact is about the author himself: his Tarea, or his own person.
func (a *audience) concerns(por permiso.Autor) bool {
	switch a.aggregate {
	case "tarea":
		return slices.Contains(a.duenos[:], por.Usuario) || por.Efectivo != "" && slices.Contains(a.asignados, por.Efectivo)
	case "efectivo":
		return a.usuario == por.Usuario || por.Efectivo != "" && a.efectivo == por.Efectivo
	case "usuario", "marca":
		return a.usuario == por.Usuario
	}
	return false
}

// visible reports whether the author may hear of a fact at all.
func (a *audience) visible(por permiso.Autor) bool {
	var accion permiso.Accion
	switch a.aggregate {
	case "tarea":
		accion = permiso.TareaLeer
	case "efectivo", "alerta":
		accion = permiso.EfectivoLeer
	case "zona":
		accion = permiso.ZonaLeer
	case "marca":
		accion = permiso.MarcaLeer
	case "usuario":
		return a.concerns(por)
	default:
		return false
	}
	switch por.Alcance(accion) {
	case permiso.Todo:
		return true
	case permiso.EnJurisdiccion:
		return a.within(por)
	case permiso.Propio:
		if a.aggregate == "tarea" {
			return slices.Contains(a.duenos[:], por.Usuario)
		}
		return a.concerns(por)
	case permiso.Asignado:
		return a.concerns(por)
	case permiso.Nada:
	}
	return false
}
