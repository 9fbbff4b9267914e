package usuario

import (
	"strings"
	"unicode/utf8"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	if c, ok := c.(Registrar); ok {
		return s.registrar(c)
	}
	if c, ok := c.(BorrarDatos); ok {
		return s.borrar(c)
	}
	if err := s.permite(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Registrar, BorrarDatos: // above: they have rules of their own
	case ModificarDatos:
		return s.modificar(c)
	case CambiarRol:
		return s.cambiarRol(c)
	case AsignarJurisdiccion:
		return s.asignarJurisdiccion(c)
	case Verificar:
		return when(!s.propio, Verificado{En: c.En})
	case Bloquear:
		return s.cerrar(c.Orden, c.Motivo, s.bloqueado, Bloqueado{Motivo: c.Motivo.Commitment(), En: c.En})
	case Desbloquear:
		return when(s.bloqueado, Desbloqueado{En: c.En})
	case DarDeBaja:
		return s.cerrar(c.Orden, c.Motivo, false, DadoDeBaja{Motivo: c.Motivo.Commitment(), En: c.En})
	case CambiarCredencial:
		return []Event{CredencialCambiada{En: c.En}}, nil
	case ActivarSegundoFactor:
		return when(!s.segundo, SegundoFactorActivado{En: c.En})
	case DesactivarSegundoFactor:
		return when(s.segundo, SegundoFactorDesactivado{En: c.En})
	case VincularTelegram:
		if c.TelegramID.Empty() {
			return nil, ErrDatos.With(fault.Field{Name: "telegram_id", Message: "falta"})
		}
		return []Event{TelegramVinculado{Sujeto: s.sujeto, TelegramID: c.TelegramID.Commitment(), En: c.En}}, nil
	case DesvincularTelegram:
		return when(!s.telegram.IsZero(), TelegramDesvinculado{En: c.En})
	}
	panic("unreachable: Command is sealed")
}

// when is an order that has nothing left to do unless something holds.
func when(holds bool, e Event) ([]Event, error) {
	if !holds {
		return nil, nil
	}
	return []Event{e}, nil
}

// permite refuses who may not, then what is not there for him, then what has ended.
func (s State) permite(c Command) error {
	por := c.Autor()
	switch alcance := permiso.De(por.Rol, c.Autoriza()); {
	case alcance == permiso.Nada:
		return permiso.ErrProhibido
	case !s.existe, alcance != permiso.Todo && por.Usuario != s.id:
		return ErrNoExiste
	}
	if _, again := c.(DarDeBaja); s.deBaja && !again {
		return ErrDeBaja
	}
	return nil
}

func (s State) registrar(c Registrar) ([]Event, error) {
	// A supervisor registers a person only as the Efectivo he enters in the same order.
	allowed := permiso.De(c.Por.Rol, permiso.UsuarioAlta) == permiso.Todo ||
		c.Rol == permiso.Efectivo && permiso.De(c.Por.Rol, permiso.EfectivoAlta) >= permiso.EnJurisdiccion
	switch {
	case !allowed:
		return nil, permiso.ErrProhibido
	case s.existe:
		return nil, ErrYaExiste
	}
	var r revision
	r.datos(&c.Nombre, &c.Apellido, &c.Email, &c.DNI, &c.Telefono)
	if !c.Rol.Valido() {
		r.mal("rol", "no es un rol conocido")
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	if c.Rol == permiso.Administrador && !c.servidor() {
		return nil, ErrAprobacion.With(fault.Field{Name: "rol", Message: ErrAprobacion.Message})
	}
	events := []Event{Registrado{
		ID: c.ID, Sujeto: c.Sujeto, Rol: c.Rol, Nombre: c.Nombre.Commitment(), Apellido: c.Apellido.Commitment(),
		Email: c.Email.Commitment(), DNI: c.DNI.Commitment(), Telefono: c.Telefono.Commitment(),
		Simulado: c.Simulado, En: c.En,
	}}
	if c.Rol == permiso.Administrador {
		// A fact of its own: whoever watches for new administrators watches for one name.
		events = append(events, RolCambiado{Rol: c.Rol, EnServidor: true, En: c.En})
	}
	return events, nil
}

func (s State) modificar(c ModificarDatos) ([]Event, error) {
	if (c.Email != nil || c.DNI != nil) && permiso.De(c.Por.Rol, permiso.UsuarioModificar) != permiso.Todo {
		campo := "email"
		if c.Email == nil {
			campo = "dni"
		}
		return nil, ErrReservado.With(fault.Field{Name: campo, Message: ErrReservado.Message})
	}
	var r revision
	r.datos(c.Nombre, c.Apellido, c.Email, c.DNI, c.Telefono)
	if err := r.err(); err != nil {
		return nil, err
	}
	e := DatosModificados{Email: commit(c.Email), DNI: commit(c.DNI), Telefono: commit(c.Telefono), En: c.En}
	if c.Nombre != nil || c.Apellido != nil {
		nombre, apellido := s.datos.Nombre, s.datos.Apellido
		e.Nombre, e.Apellido = or(commit(c.Nombre), &nombre), or(commit(c.Apellido), &apellido)
	}
	return when(e != DatosModificados{En: c.En}, e)
}

func commit(t *sealed.Text) *sealed.Commitment {
	if t == nil {
		return nil
	}
	c := t.Commitment()
	return &c
}

func or(c, otherwise *sealed.Commitment) *sealed.Commitment {
	if c == nil {
		return otherwise
	}
	return c
}

func (s State) cambiarRol(c CambiarRol) ([]Event, error) {
	switch {
	case !c.Rol.Valido():
		return nil, ErrDatos.With(fault.Field{Name: "rol", Message: "no es un rol conocido"})
	case c.Rol == s.rol:
		return nil, nil
	case c.Por.Usuario == s.id:
		return nil, ErrPropio
	case c.Rol == permiso.Administrador && c.Aprobacion == "" && !c.servidor():
		return nil, ErrAprobacion.With(fault.Field{Name: "rol", Message: ErrAprobacion.Message})
	}
	return []Event{RolCambiado{
		Anterior: s.rol, Rol: c.Rol, Aprobacion: c.Aprobacion,
		EnServidor: c.Rol == permiso.Administrador && c.servidor(), En: c.En,
	}}, nil
}

// cerrar shuts somebody out, for a reason, and never the one who asks: the last
// administrator cannot lock the house with himself outside.
func (s State) cerrar(o Orden, motivo sealed.Text, done bool, e Event) ([]Event, error) {
	switch {
	case s.deBaja, done:
		return nil, nil
	case o.Por.Usuario == s.id:
		return nil, ErrPropio
	case motivo.Empty():
		return nil, ErrSinMotivo.With(fault.Field{Name: "motivo", Message: "falta"})
	case utf8.RuneCountInString(motivo.Value) > 4000:
		return nil, ErrDatos.With(fault.Field{Name: "motivo", Message: "lleva como mucho 4000 caracteres"})
	}
	return []Event{e}, nil
}

// revision gathers every wrong field, so that one answer tells them all.
type revision struct{ wrong []fault.Field }

func (r *revision) mal(name, message string) {
	r.wrong = append(r.wrong, fault.Field{Name: name, Message: message})
}

func (r *revision) err() error {
	if len(r.wrong) > 0 {
		return ErrDatos.With(r.wrong...)
	}
	return nil
}

// datos checks the texts that are given.
func (r *revision) datos(nombre, apellido, email, dni, telefono *sealed.Text) {
	check := func(name string, t *sealed.Text, optional bool, shortest, longest int, message string) {
		if t == nil || optional && t.Empty() {
			return
		}
		if n := utf8.RuneCountInString(strings.TrimSpace(t.Value)); n < shortest || n > longest {
			r.mal(name, message)
		}
	}
	check("nombre", nombre, false, 1, 100, "lleva de 1 a 100 caracteres")
	check("apellido", apellido, false, 1, 100, "lleva de 1 a 100 caracteres")
	if email != nil && !correo(email.Value) {
		r.mal("email", "no parece una dirección de correo")
	}
	check("dni", dni, true, 5, 20, "lleva de 5 a 20 caracteres")
	check("telefono", telefono, true, 5, 30, "lleva de 5 a 30 caracteres")
}

// correo accepts what can be an address: one @, something before it, a dotted
// name after it, no spaces. Only a delivered message proves more.
func correo(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && len(s) <= 254 && !strings.ContainsAny(s, " \t\r\n<>,;") &&
		!strings.Contains(host, "@") && strings.Contains(strings.Trim(host, "."), ".")
}
