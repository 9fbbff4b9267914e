package tareas

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections"
)

// Nota is a note on a Tarea.
type Nota struct {
	ID    ident.Nota    `json:"id"`
	Texto string        `json:"texto"`
	Autor ident.Usuario `json:"autor,omitzero"`
	En    time.Time     `json:"en"`
}

// Adjunto is a file attached to a Tarea.
type Adjunto struct {
	ID     ident.Adjunto `json:"id"`
	Nombre string        `json:"nombre"`
	Tipo   string        `json:"tipo"`
	Tamano int64         `json:"tamano"`
	SHA256 string        `json:"sha256"`
	Autor  ident.Usuario `json:"autor,omitzero"`
	En     time.Time     `json:"en"`
}

// Punto is a line of the checklist.
type Punto struct {
	Punto    int           `json:"punto"`
	Texto    string        `json:"texto"`
	Cumplido bool          `json:"cumplido"`
	Por      ident.Usuario `json:"por,omitzero"`
	En       *time.Time    `json:"en"` // of the mark
}

// Detalle is what only the reader of one Tarea sees; lists do without it.
type Detalle struct {
	Telefono string    `json:"telefono,omitzero"` // of whoever called an emergency in
	Lista    []Punto   `json:"lista"`
	Notas    []Nota    `json:"notas"`
	Adjuntos []Adjunto `json:"adjuntos"`
}

// Completa is one Tarea with all that belongs to it.
type Completa struct {
	Tarea
	Detalle
}

// detalle is one row of lectura.tareas_detalle. The texts run parallel to the entries
// they belong to and may still wait to be opened.
type detalle struct {
	id                string
	telefono          projections.Text
	notas             []Nota
	textos            []projections.Text
	adjuntos          []Adjunto
	nombres           []projections.Text
	lista             []Punto
	puntos            []projections.Text
	compromisos       []string // of the lines, to tell which of them were written anew
	ven               []string // who may see the Tarea
	version, posicion int64
}

var detalles = projections.Schema[detalle]{
	Table: "tareas_detalle", Key: "id",
	Select: "id::text, telefono, notas, adjuntos, lista, compromisos, ven::text[], version, posicion",
	Columns: []string{
		"id", "telefono", "notas", "adjuntos", "lista", "compromisos", "contenidos", "ven", "version", "posicion",
	},
	Scan: func(row pgx.Row, d *detalle) error {
		var notas, adjuntos, lista []byte
		if err := row.Scan(&d.id, &d.telefono.Value, &notas, &adjuntos, &lista, &d.compromisos, &d.ven, &d.version, &d.posicion); err != nil {
			return err
		}
		return d.abre(notas, adjuntos, lista)
	},
	Texts: func(d *detalle) []*projections.Text {
		texts := []*projections.Text{&d.telefono}
		for _, list := range [][]projections.Text{d.textos, d.nombres, d.puntos} {
			for i := range list {
				texts = append(texts, &list[i])
			}
		}
		return texts
	},
	Values: func(d *detalle) []any {
		v := d.vista()
		contenidos := make([]string, len(v.Adjuntos))
		for i, a := range v.Adjuntos {
			contenidos[i] = a.SHA256
		}
		return []any{
			projections.UUID(d.id), v.Telefono, encode(v.Notas), encode(v.Adjuntos), encode(v.Lista), nonNil(d.compromisos), contenidos, projections.UUIDs(d.ven),
			d.version, d.posicion,
		}
	},
}

func encode[T any](list []T) []byte {
	b, err := json.Marshal(list)
	if err != nil {
		panic("plain structs always encode: " + err.Error())
	}
	return b
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// abre reads what Values wrote.
func (d *detalle) abre(notas, adjuntos, lista []byte) error {
	for _, c := range []struct {
		raw  []byte
		into any
	}{{notas, &d.notas}, {adjuntos, &d.adjuntos}, {lista, &d.lista}} {
		if err := json.Unmarshal(c.raw, c.into); err != nil {
			return fmt.Errorf("read the details of %s: %w", d.id, err)
		}
	}
	d.textos, d.nombres, d.puntos = nil, nil, nil
	for _, n := range d.notas {
		d.textos = append(d.textos, projections.Text{Value: n.Texto})
	}
	for _, a := range d.adjuntos {
		d.nombres = append(d.nombres, projections.Text{Value: a.Nombre})
	}
	for _, p := range d.lista {
		d.puntos = append(d.puntos, projections.Text{Value: p.Texto})
	}
	return nil
}

// vista is the row with its texts in place.
func (d *detalle) vista() Detalle {
	v := Detalle{Telefono: d.telefono.Value, Notas: slices.Clone(d.notas), Adjuntos: slices.Clone(d.adjuntos), Lista: slices.Clone(d.lista)}
	for i := range v.Notas {
		v.Notas[i].Texto = d.textos[i].Value
	}
	for i := range v.Adjuntos {
		v.Adjuntos[i].Nombre = d.nombres[i].Value
	}
	for i := range v.Lista {
		v.Lista[i].Texto = d.puntos[i].Value
	}
	v.Notas, v.Adjuntos, v.Lista = filled(v.Notas), filled(v.Adjuntos), filled(v.Lista)
	return v
}

func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// detalla reports whether a fact belongs in the details.
func detalla(e tarea.Event) bool {
	switch e := e.(type) {
	case tarea.Creada:
		return !e.Telefono.IsZero()
	case tarea.NotaAgregada, tarea.AdjuntoAgregado, tarea.ListaDefinida, tarea.PuntoDeListaCumplido:
		return true
	case tarea.Modificada, tarea.PrioridadCambiada, tarea.Delegada, tarea.EfectivoOfrecido, tarea.EfectivoAsignado,
		tarea.AsignacionAceptada, tarea.AsignacionRechazada, tarea.EfectivoEnCamino, tarea.EfectivoEnLugar, tarea.EfectivoLiberado,
		tarea.Iniciada, tarea.Pausada, tarea.Reanudada, tarea.Finalizada, tarea.Cancelada, tarea.Reabierta,
		tarea.RecomendacionEmitida, tarea.Escalada, tarea.RecordatorioEnviado, tarea.RecordatorioAcusado:
	}
	return false
}

// aplica moves the row by a fact that detalla named.
func (d *detalle) aplica(e event.Event) {
	switch e := e.(type) {
	case tarea.Creada:
		d.telefono = projections.Sealed(e.Telefono)
	case tarea.NotaAgregada:
		d.notas = append(d.notas, Nota{ID: e.Nota, Autor: e.Autor, En: projections.Micro(e.En)})
		d.textos = append(d.textos, projections.Sealed(e.Texto))
	case tarea.AdjuntoAgregado:
		d.adjuntos = append(d.adjuntos, Adjunto{
			ID: e.Adjunto, Tipo: e.Tipo, Tamano: e.Tamano, SHA256: e.SHA256, Autor: e.Autor, En: projections.Micro(e.En),
		})
		d.nombres = append(d.nombres, projections.Sealed(e.Nombre))
	case tarea.ListaDefinida:
		d.define(e)
	case tarea.PuntoDeListaCumplido:
		for i := range d.lista {
			if d.lista[i].Punto == e.Punto {
				d.lista[i].Cumplido, d.lista[i].Por, d.lista[i].En = !e.Deshecho, e.Autor, new(projections.Micro(e.En))
			}
		}
	}
}

// define keeps the mark and the text of every line that stays as it was.
func (d *detalle) define(e tarea.ListaDefinida) {
	lista, puntos, compromisos := make([]Punto, len(e.Puntos)), make([]projections.Text, len(e.Puntos)), make([]string, len(e.Puntos))
	for i, p := range e.Puntos {
		lista[i], puntos[i], compromisos[i] = Punto{Punto: p.Punto}, projections.Sealed(p.Texto), p.Texto.String()
		for j, old := range d.lista {
			if old.Punto == p.Punto && d.compromisos[j] == compromisos[i] {
				lista[i], puntos[i] = old, d.puntos[j]
			}
		}
	}
	d.lista, d.puntos, d.compromisos = lista, puntos, compromisos
}
