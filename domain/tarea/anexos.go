package tarea

import (
	"fmt"
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// MaxPuntos bounds a checklist.
const MaxPuntos = 50

// NotaAgregada adds a note. Notes are never changed or taken back.
type NotaAgregada struct {
	Nota  ident.Nota        `json:"nota"`
	Texto sealed.Commitment `json:"texto"`
	Autor ident.Usuario     `json:"autor,omitzero"`
	En    time.Time         `json:"en"`
}

// AdjuntoAgregado attaches a file. Its content lives outside the log, under its hash.
type AdjuntoAgregado struct {
	Adjunto ident.Adjunto     `json:"adjunto"`
	Nombre  sealed.Commitment `json:"nombre"`
	Tipo    string            `json:"tipo"` // as its content looks, whatever the sender said
	Tamano  int64             `json:"tamano"`
	SHA256  string            `json:"sha256"` // hexadecimal, of the content
	Autor   ident.Usuario     `json:"autor,omitzero"`
	En      time.Time         `json:"en"`
}

// ListaDefinida sets the whole checklist. A point that keeps its number and text keeps
// its mark; numbers are never used twice.
type ListaDefinida struct {
	Puntos []PuntoDeLista `json:"puntos"`
	En     time.Time      `json:"en"`
}

// PuntoDeLista is one line of a checklist.
type PuntoDeLista struct {
	Punto int               `json:"punto"`
	Texto sealed.Commitment `json:"texto"`
}

// PuntoDeListaCumplido marks a point of the checklist as done, or takes the mark back.
type PuntoDeListaCumplido struct {
	Punto    int           `json:"punto"`
	Deshecho bool          `json:"deshecho,omitzero"`
	Autor    ident.Usuario `json:"autor,omitzero"`
	En       time.Time     `json:"en"`
}

// EventName implements event.Event.
func (NotaAgregada) EventName() string { return "tarea.nota_agregada" }

// EventName implements event.Event.
func (AdjuntoAgregado) EventName() string { return "tarea.adjunto_agregado" }

// EventName implements event.Event.
func (ListaDefinida) EventName() string { return "tarea.lista_definida" }

// EventName implements event.Event.
func (PuntoDeListaCumplido) EventName() string { return "tarea.punto_de_lista_cumplido" }

func (NotaAgregada) esTarea()         {}
func (AdjuntoAgregado) esTarea()      {}
func (ListaDefinida) esTarea()        {}
func (PuntoDeListaCumplido) esTarea() {}

// AgregarNota adds a note, also to a Tarea that has ended: what was seen is often written down later.
type AgregarNota struct {
	Orden
	Nota  ident.Nota
	Texto sealed.Text // 1..4000 characters
}

// AgregarAdjunto attaches a file whose content is stored already.
type AgregarAdjunto struct {
	Orden
	Adjunto ident.Adjunto
	Nombre  sealed.Text // 1..255 characters
	Tipo    string
	Tamano  int64
	SHA256  string
}

// CumplirPunto marks a point of the checklist, or takes the mark back.
type CumplirPunto struct {
	Orden
	Punto    int
	Deshacer bool
}

// PuntoNuevo is a line of a checklist in an order. With the number of an existing
// point and no text it keeps that point as it is.
type PuntoNuevo struct {
	Punto int
	Texto sealed.Text // 1..200 characters
}

// Autoriza names the action in the table of permissions.
func (AgregarNota) Autoriza() permiso.Accion { return permiso.TareaAnotar }

// Autoriza names the action in the table of permissions.
func (AgregarAdjunto) Autoriza() permiso.Accion { return permiso.TareaAnotar }

// Autoriza names the action in the table of permissions.
func (CumplirPunto) Autoriza() permiso.Accion { return permiso.TareaEjecutar }

// Texts lists what the order seals.
func (c AgregarNota) Texts() []sealed.Text { return []sealed.Text{c.Texto} }

// Texts lists what the order seals.
func (c AgregarAdjunto) Texts() []sealed.Text { return []sealed.Text{c.Nombre} }

type punto struct {
	numero   int
	texto    sealed.Commitment
	cumplido bool
}

func (s State) agregarNota(c AgregarNota) ([]Event, error) {
	if err := s.anota(c.Por); err != nil {
		return nil, err
	}
	var v validacion
	v.texto("texto", c.Texto, 1, 4000)
	if len(v) > 0 {
		return nil, ErrDatos.With(v...)
	}
	return []Event{NotaAgregada{Nota: c.Nota, Texto: c.Texto.Commitment(), Autor: c.Por.Usuario, En: c.En}}, nil
}

func (s State) agregarAdjunto(c AgregarAdjunto) ([]Event, error) {
	if err := s.anota(c.Por); err != nil {
		return nil, err
	}
	var v validacion
	v.texto("nombre", c.Nombre, 1, 255)
	if c.Tamano <= 0 {
		v.mal("archivo", "está vacío")
	}
	if len(v) > 0 {
		return nil, ErrDatos.With(v...)
	}
	return []Event{AdjuntoAgregado{
		Adjunto: c.Adjunto, Nombre: c.Nombre.Commitment(), Tipo: c.Tipo, Tamano: c.Tamano, SHA256: c.SHA256,
		Autor: c.Por.Usuario, En: c.En,
	}}, nil
}

// Anotable refuses who may not add notes or attachments, before anything of his is taken in.
func (s State) Anotable(por permiso.Autor) error { return s.anota(por) }

// anota lets also those write who worked on the Tarea until its end.
func (s State) anota(por permiso.Autor) error {
	err := s.permite(por, permiso.TareaAnotar)
	if err != nil && s.Existe() && s.hastaElFin(por.Efectivo) {
		return nil
	}
	return err
}

// hastaElFin reports whether an Efectivo was freed by the end of the Tarea, not before.
func (s State) hastaElFin(id ident.Efectivo) bool {
	return id != "" && !s.estado.Abierta() && slices.ContainsFunc(s.asignaciones, func(a asignacion) bool {
		return a.efectivo == id && a.estado == PasoLiberada && a.en.Equal(s.ultimo)
	})
}

func (s State) cumplirPunto(c CumplirPunto) ([]Event, error) {
	if err := s.permite(c.Por, permiso.TareaEjecutar); err != nil {
		return nil, err
	}
	if err := s.abierta(); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.lista, func(p punto) bool { return p.numero == c.Punto })
	switch {
	case i < 0:
		return nil, ErrSinPunto.With(fault.Field{Name: "punto", Message: "no está en la lista"})
	case s.lista[i].cumplido != c.Deshacer:
		return nil, nil // so it is already
	}
	return []Event{PuntoDeListaCumplido{Punto: c.Punto, Deshecho: c.Deshacer, Autor: c.Por.Usuario, En: c.En}}, nil
}

// definir turns the lines of an order into the whole new checklist.
func (s State) definir(lines []PuntoNuevo, v *validacion) (puntos []PuntoDeLista) {
	if len(lines) > MaxPuntos {
		v.mal("lista", fmt.Sprintf("lleva como mucho %d puntos", MaxPuntos))
		return nil
	}
	next, used := s.puntos, map[int]bool{}
	for i, line := range lines {
		campo := fmt.Sprintf("lista[%d]", i)
		p := PuntoDeLista{Punto: line.Punto, Texto: line.Texto.Commitment()}
		switch old := slices.IndexFunc(s.lista, func(p punto) bool { return p.numero == line.Punto }); {
		case line.Punto != 0 && (old < 0 || used[line.Punto]):
			v.mal(campo+".punto", "no es un punto de la lista, o está repetido")
		case line.Punto != 0 && line.Texto.Empty():
			p.Texto = s.lista[old].texto
		default:
			v.texto(campo+".texto", line.Texto, 1, 200)
		}
		if line.Punto == 0 {
			next++
			p.Punto = next
		}
		used[p.Punto] = true
		puntos = append(puntos, p)
	}
	return puntos
}

// definida is the checklist after it was set, and how many numbers it has used up.
func (s State) definida(e ListaDefinida) (lista []punto, numeros int) {
	numeros = s.puntos
	for _, p := range e.Puntos {
		numeros = max(numeros, p.Punto)
		// The mark belongs to the text: a line written anew is to be done anew.
		cumplido := slices.ContainsFunc(s.lista, func(old punto) bool {
			return old.numero == p.Punto && old.texto == p.Texto && old.cumplido
		})
		lista = append(lista, punto{p.Punto, p.Texto, cumplido})
	}
	return lista, numeros
}

func (s State) marcada(e PuntoDeListaCumplido) []punto {
	next := slices.Clone(s.lista)
	for i := range next {
		if next[i].numero == e.Punto {
			next[i].cumplido = !e.Deshecho
		}
	}
	return next
}
