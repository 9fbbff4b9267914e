package bot

import (
	"context"
	"slices"
	"strings"

	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
)

// order is one thing that can be asked of the bot.
type order struct {
	name   string         // "/mistareas"; of what nobody types, what it is
	also   []string       // other ways to say it, word for word
	accion permiso.Accion // what the rol of who asks must allow at all
	// forAll: also for an account that is linked to nobody; withCode: only when a code follows.
	forAll, withCode bool
	do               func(b *Bot, ctx context.Context, u update, p persona, rest string) error
}

func (o order) open(rest string) bool { return o.forAll || o.withCode && rest != "" }

// orders is the table of everything that can be asked of the bot in words.
var orders = []order{
	{name: "/start", accion: permiso.SesionPropia, withCode: true, do: func(b *Bot, ctx context.Context, u update, _ persona, rest string) error {
		if rest != "" {
			return b.link(ctx, u, rest)
		}
		return b.say(ctx, u, message{Text: textoBienvenida, Menu: true})
	}},
	{name: "/vincular", forAll: true, do: func(b *Bot, ctx context.Context, u update, _ persona, rest string) error {
		if rest != "" {
			return b.link(ctx, u, rest)
		}
		return b.say(ctx, u, message{Text: textoVincular})
	}},
	{name: "/ayuda", also: []string{"/help", botonAyuda}, accion: permiso.SesionPropia, do: func(b *Bot, ctx context.Context, u update, _ persona, _ string) error {
		return b.say(ctx, u, message{Text: textoAyuda, Menu: true})
	}},
	{name: "/mistareas", also: []string{botonMisTareas}, accion: permiso.TareaLeer, do: func(b *Bot, ctx context.Context, u update, p persona, _ string) error {
		return b.list(ctx, u, p)
	}},
	{name: "/sos", also: []string{botonSOS}, accion: permiso.EfectivoSOS, do: func(b *Bot, ctx context.Context, u update, p persona, _ string) error {
		return b.help(ctx, u, p)
	}},
}

// What is asked of the bot without words.
var (
	shared = order{name: "ubicación", accion: permiso.EfectivoPosicion, do: func(b *Bot, ctx context.Context, u update, p persona, _ string) error {
		return b.position(ctx, u, p)
	}}
	// What a button stands for is known when it is used: pressed asks again, by presses.
	pressed = order{name: "botón", accion: permiso.SesionPropia, do: func(b *Bot, ctx context.Context, u update, p persona, _ string) error {
		return b.button(ctx, u, p)
	}}
	unknown = order{name: "otra cosa", accion: permiso.SesionPropia, do: func(b *Bot, ctx context.Context, u update, _ persona, _ string) error {
		return b.say(ctx, u, message{Text: textoNoEntiendo, Menu: true})
	}}
)

// presses is the table of what buttons stand for.
var presses = map[tarea.EstadoAsignacion]permiso.Accion{
	tarea.PasoAceptada:  permiso.TareaResponder,
	tarea.PasoRechazada: permiso.TareaResponder,
	tarea.PasoEnCamino:  permiso.TareaResponder,
	tarea.PasoEnLugar:   permiso.TareaResponder,
	pasoFinalizar:       permiso.TareaEjecutar,
	pasoVista:           permiso.AlertaAcusar,
	pasoEnterado:        permiso.TareaResponder,
}

// understand finds what an update asks for, and the words behind it.
func understand(u update) (o order, rest string) {
	switch {
	case u.Place != nil:
		return shared, ""
	case u.Button != "":
		return pressed, ""
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(u.Text), " ")
	word, _, _ = strings.Cut(strings.ToLower(word), "@") // /start@the_bot
	for _, o := range orders {
		if o.name == word || slices.Contains(o.also, word) || slices.Contains(o.also, u.Text) {
			return o, strings.TrimSpace(rest)
		}
	}
	return unknown, ""
}

// Accesos lists the ways into this face: words, what is shared, and buttons.
func Accesos() (list []permiso.Acceso) {
	for _, o := range append(slices.Clone(orders), shared, pressed, unknown) {
		list = append(list, permiso.Acceso{Cara: permiso.CaraBot, Nombre: o.name, Accion: o.accion, Abierto: o.forAll})
	}
	for paso, accion := range presses {
		list = append(list, permiso.Acceso{Cara: permiso.CaraBot, Nombre: "botón «" + botonDe[paso] + "»", Accion: accion})
	}
	slices.SortFunc(list, func(a, b permiso.Acceso) int { return strings.Compare(a.Nombre, b.Nombre) })
	return list
}

// Pressed is what the mailbox keeps of a button with these words, before the Tarea it is about.
func Pressed(words string) string {
	for paso, text := range botonDe {
		if text == words {
			return string(paso)
		}
	}
	return ""
}
