package marca_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
)

const (
	id         ident.Marca   = "0190f3c2-0000-7000-8000-00000000000c"
	ana, beto  ident.Usuario = "ana", "beto"
	norte, sur ident.Zona    = "z1", "z2"
)

var (
	ocho  = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	nueve = ocho.Add(time.Hour)

	supervisora = permiso.Autor{Usuario: ana, Rol: permiso.Supervisor}
	titulo      = sealed.Text{Owner: string(id), Field: "titulo", Salt: sealed.Salt{1}, Value: "Calle cortada por obra"}
	obelisco    = geo.Punto{Lat: -34.6037, Lon: -58.3816}

	puesta   = marca.Puesta{ID: id, Clase: marca.Corte, Titulo: titulo.Commitment(), Punto: obelisco, Autor: ana, En: ocho}
	retirada = marca.Retirada{Por: ana, En: nueve}
)

func poner(cambios ...func(*marca.Poner)) marca.Poner {
	c := marca.Poner{Orden: marca.Orden{ID: id, Por: supervisora, En: ocho}, Clase: marca.Corte, Titulo: titulo, Lugar: obelisco}
	for _, cambia := range cambios {
		cambia(&c)
	}
	return c
}

func retirar(por permiso.Autor) marca.Retirar {
	return marca.Retirar{Orden: marca.Orden{ID: id, Por: por, En: nueve}}
}

func con(rol permiso.Rol, quien ident.Usuario, zonas ...ident.Zona) permiso.Autor {
	por := permiso.Autor{Usuario: quien, Rol: rol}
	if len(zonas) > 0 {
		por.Jurisdiccion = &permiso.Jurisdiccion{Zonas: zonas}
	}
	return por
}

func TestPoner(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, marca.Decider)
	s.When(poner()).Then(puesta)
	s.Given(puesta).When(poner()).Refused(marca.ErrYaExiste)
	s.Given(puesta, retirada).When(poner()).Refused(marca.ErrYaExiste)

	hasta := puesta
	hasta.Caduca, hasta.Zona, hasta.Clase = &nueve, norte, marca.Encuentro
	s.When(poner(func(c *marca.Poner) { c.Caduca, c.Zona, c.Clase = &nueve, norte, marca.Encuentro })).Then(hasta)

	for rol, may := range map[permiso.Rol]bool{
		permiso.Efectivo: true, permiso.Supervisor: true, permiso.Administrador: true, permiso.Servicio: true,
		permiso.Auditor: false, permiso.Sistema: false, permiso.Nadie: false,
	} {
		outcome := s.When(poner(func(c *marca.Poner) { c.Por.Rol = rol }))
		if may {
			outcome.Then(puesta)
			continue
		}
		outcome.Refused(permiso.ErrProhibido)
	}
}

func TestPonerDatos(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cambia func(*marca.Poner)
		campo  string
	}{
		"no title":         {func(c *marca.Poner) { c.Titulo.Value = "" }, "titulo"},
		"a long title":     {func(c *marca.Poner) { c.Titulo.Value = strings.Repeat("ñ", 121) }, "titulo"},
		"an unknown clase": {func(c *marca.Poner) { c.Clase = "parque" }, "clase"},
		"no clase":         {func(c *marca.Poner) { c.Clase = "" }, "clase"},
		"off the Earth":    {func(c *marca.Poner) { c.Lugar.Lat = 91 }, "lat"},
		"not a number":     {func(c *marca.Poner) { c.Lugar.Lon = math.NaN() }, "lat"},
		"over already":     {func(c *marca.Poner) { c.Caduca = &ocho }, "caduca"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := marca.Decide(marca.State{}, poner(c.cambia))
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || !errors.Is(err, marca.ErrDatos) || len(f.Fields) != 1 || f.Fields[0].Name != c.campo || len(events) > 0 {
				t.Errorf("got %v, %v; want %s refused", events, err, c.campo)
			}
		})
	}
	if _, err := marca.Decide(marca.State{}, poner(func(c *marca.Poner) { c.Titulo.Value = strings.Repeat("ñ", 120) })); err != nil {
		t.Errorf("a title of 120 characters: %v", err)
	}
}

func TestRetirar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, marca.Decider)
	s.When(retirar(supervisora)).Refused(marca.ErrNoExiste)
	s.Given(puesta).When(retirar(supervisora)).Then(retirada)
	s.Given(puesta, retirada).When(retirar(supervisora)).Then()

	deOtra := retirada
	deOtra.Por = beto
	for rol, want := range map[permiso.Rol]error{
		permiso.Supervisor: nil, permiso.Administrador: nil,
		// They see it, and it is not theirs.
		permiso.Efectivo: marca.ErrNoExiste, permiso.Servicio: marca.ErrNoExiste,
		permiso.Auditor: permiso.ErrProhibido, permiso.Sistema: permiso.ErrProhibido, permiso.Nadie: permiso.ErrProhibido,
	} {
		outcome := s.Given(puesta).When(retirar(con(rol, beto)))
		if want != nil {
			outcome.Refused(want)
			continue
		}
		outcome.Then(deOtra)
	}
	for _, rol := range []permiso.Rol{permiso.Efectivo, permiso.Supervisor, permiso.Administrador, permiso.Servicio} {
		s.Given(puesta).When(retirar(con(rol, ana))).Then(retirada)
	}
	// What nobody put by name is nobody's own.
	anonima := puesta
	anonima.Autor = ""
	s.Given(anonima).When(retirar(con(permiso.Efectivo, ""))).Refused(marca.ErrNoExiste)
}

// A supervisor with Zonas reaches the Marcas in them, those in none, and his own.
func TestJurisdiccion(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, marca.Decider)
	en := func(z ident.Zona, autor ident.Usuario) marca.Puesta {
		e := puesta
		e.Zona, e.Autor = z, autor
		return e
	}
	delNorte := con(permiso.Supervisor, beto, norte)
	deUnidad := con(permiso.Supervisor, beto)
	deUnidad.Jurisdiccion = &permiso.Jurisdiccion{Unidades: []string{"Centro"}}
	deOtra := marca.Retirada{Por: beto, En: nueve}
	s.Given(en(norte, ana)).When(retirar(delNorte)).Then(deOtra)
	s.Given(en("", ana)).When(retirar(delNorte)).Then(deOtra)
	s.Given(en(sur, ana)).When(retirar(delNorte)).Refused(marca.ErrNoExiste)
	s.Given(en(sur, beto)).When(retirar(delNorte)).Then(deOtra)
	s.Given(en(sur, ana)).When(retirar(deUnidad)).Then(deOtra) // his unidades cut no Marca

	zona := func(z ident.Zona) marca.Poner {
		return poner(func(c *marca.Poner) { c.Por, c.Zona = delNorte, z })
	}
	s.When(zona(norte)).Then(en(norte, beto))
	s.When(zona("")).Then(en("", beto))
	s.When(zona(sur)).Refused(permiso.ErrFueraDeJurisdiccion)
}

func TestEstadoEn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at               time.Time
		retirada, caduca *time.Time
		want             marca.Estado
	}{
		{nueve, nil, nil, marca.Vigente},
		{ocho, nil, &nueve, marca.Vigente},
		{nueve, nil, &nueve, marca.Caducada}, // at the very instant it is over
		{nueve, &ocho, nil, marca.Quitada},
		{nueve, &ocho, &nueve, marca.Quitada}, // before it was over
	} {
		if got := marca.EstadoEn(c.at, c.retirada, c.caduca); got != c.want {
			t.Errorf("EstadoEn(%v, %v, %v) = %v", c.at, c.retirada, c.caduca, got)
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command marca.Command
		accion  permiso.Accion
		texts   int
	}{
		{poner(), permiso.MarcaPoner, 1},
		{retirar(supervisora), permiso.MarcaRetirar, 0},
	} {
		if c.command.StreamID() != "marca-"+string(id) || c.command.Autoriza() != c.accion || c.command.Autor().Usuario != ana || len(c.command.Texts()) != c.texts {
			t.Errorf("%T: %s, %s, %v", c.command, c.command.StreamID(), c.command.Autoriza(), c.command.Texts())
		}
	}
}
