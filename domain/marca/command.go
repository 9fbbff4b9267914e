package marca

import (
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Command is something somebody wants of a Marca.
//
//sumtype:decl
type Command interface {
	StreamID() string
	Autoriza() permiso.Accion
	Autor() permiso.Autor
	Texts() []sealed.Text
	ordena()
}

// Orden is what every order carries.
type Orden struct {
	ID  ident.Marca
	Por permiso.Autor
	En  time.Time
}

// Poner puts a Marca on the map.
type Poner struct {
	Orden
	Clase  Clase
	Titulo sealed.Text // 1..120 characters
	Lugar  geo.Punto
	Zona   ident.Zona // of those who are to see it; "": everybody
	Caduca *time.Time // after En
}

// Retirar takes it off the map. Taken away already, it changes nothing.
type Retirar struct{ Orden }

// Autor returns who gives the order.
func (o Orden) Autor() permiso.Autor { return o.Por }

// StreamID names the stream the command is decided on.
func (o Orden) StreamID() string { return o.ID.Stream() }

// Autoriza names the action in the table of permissions.
func (Poner) Autoriza() permiso.Accion { return permiso.MarcaPoner }

// Autoriza names the action in the table of permissions.
func (Retirar) Autoriza() permiso.Accion { return permiso.MarcaRetirar }

// Texts implements Command.
func (c Poner) Texts() []sealed.Text { return []sealed.Text{c.Titulo} }

// Texts implements Command.
func (Retirar) Texts() []sealed.Text { return nil }

func (Orden) ordena() {}
