package usuario

import (
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Decider is the behaviour of a Usuario.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember.
type State struct {
	existe   bool
	id       ident.Usuario
	sujeto   ident.Sujeto
	telegram sealed.Commitment
	borrado  bool
}

// Existe reports whether he was ever registered.
func (s State) Existe() bool { return s.existe }

// Sujeto returns the owner of his sealed data.
func (s State) Sujeto() ident.Sujeto { return s.sujeto }

// Telegram returns the commitment to the linked account; zero when none is.
func (s State) Telegram() sealed.Commitment { return s.telegram }

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Registrar:
		return s.registrar(c)
	case CambiarCredencial:
		if err := s.permite(c.Orden, permiso.UsuarioVinculo); err != nil {
			return nil, err
		}
		return []Event{CredencialCambiada{En: c.En}}, nil
	case VincularTelegram:
		return s.vincular(c)
	case DesvincularTelegram:
		if err := s.permite(c.Orden, permiso.UsuarioVinculo); err != nil || s.telegram.IsZero() {
			return nil, err
		}
		return []Event{TelegramDesvinculado{En: c.En}}, nil
	case BorrarDatos:
		return s.borrar(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Registrado:
		s = State{existe: true, id: e.ID, sujeto: e.Sujeto}
	case CredencialCambiada:
	case TelegramVinculado:
		s.telegram = e.TelegramID
	case TelegramDesvinculado:
		s.telegram = sealed.Commitment{}
	case DatosPersonalesEliminados:
		s.telegram, s.borrado = sealed.Commitment{}, true
	}
	return s
}

func (s State) permite(o Orden, a permiso.Accion) error {
	switch alcance := permiso.De(o.Por.Rol, a); {
	case alcance == permiso.Nada:
		return permiso.ErrProhibido
	case !s.existe, alcance != permiso.Todo && o.Por.Usuario != s.id:
		return ErrNoExiste
	}
	return nil
}

func (s State) registrar(c Registrar) ([]Event, error) {
	// A supervisor registers a person only as the Efectivo he enters in the same order.
	allowed := permiso.De(c.Por.Rol, permiso.UsuarioAlta) == permiso.Todo ||
		c.Rol == permiso.Efectivo && permiso.De(c.Por.Rol, permiso.EfectivoAlta) == permiso.Todo
	switch {
	case !allowed:
		return nil, permiso.ErrProhibido
	case s.existe:
		return nil, ErrYaExiste
	}
	var wrong []fault.Field
	check := func(name string, t sealed.Text, shortest, longest int, message string) {
		if n := utf8.RuneCountInString(strings.TrimSpace(t.Value)); n < shortest || n > longest {
			wrong = append(wrong, fault.Field{Name: name, Message: message})
		}
	}
	check("nombre", c.Nombre, 1, 100, "lleva de 1 a 100 caracteres")
	check("apellido", c.Apellido, 1, 100, "lleva de 1 a 100 caracteres")
	if !correo(c.Email.Value) {
		wrong = append(wrong, fault.Field{Name: "email", Message: "no parece una dirección de correo"})
	}
	if !c.DNI.Empty() {
		check("dni", c.DNI, 5, 20, "lleva de 5 a 20 caracteres")
	}
	if !c.Telefono.Empty() {
		check("telefono", c.Telefono, 5, 30, "lleva de 5 a 30 caracteres")
	}
	if !c.Rol.Valido() {
		wrong = append(wrong, fault.Field{Name: "rol", Message: "no es un rol conocido"})
	}
	if len(wrong) > 0 {
		return nil, ErrDatos.With(wrong...)
	}
	return []Event{Registrado{
		ID: c.ID, Sujeto: c.Sujeto, Rol: c.Rol, Nombre: c.Nombre.Commitment(), Apellido: c.Apellido.Commitment(),
		Email: c.Email.Commitment(), DNI: c.DNI.Commitment(), Telefono: c.Telefono.Commitment(),
		Simulado: c.Simulado, En: c.En,
	}}, nil
}

// correo accepts what can be an address: one @, something before it, a dotted
// name after it, no spaces. Only a delivered message proves more.
func correo(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && len(s) <= 254 && !strings.ContainsAny(s, " \t\r\n<>,;") &&
		!strings.Contains(host, "@") && strings.Contains(strings.Trim(host, "."), ".")
}

func (s State) vincular(c VincularTelegram) ([]Event, error) {
	if err := s.permite(c.Orden, permiso.UsuarioVinculo); err != nil {
		return nil, err
	}
	if c.TelegramID.Empty() {
		return nil, ErrDatos.With(fault.Field{Name: "telegram_id", Message: "falta"})
	}
	return []Event{TelegramVinculado{Sujeto: s.sujeto, TelegramID: c.TelegramID.Commitment(), En: c.En}}, nil
}
