package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/mymmrac/telego"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/tareas"
)

// buttonLife is how long a button can be used.
const buttonLife = 7 * 24 * time.Hour

// link ties the account to whoever asked for the code in his own session.
func (b *Bot) link(ctx context.Context, u update, code string) error {
	id, ok, err := b.Mailbox.Redeem(ctx, code, u.Chat)
	switch {
	case fault.KindOf(err) == fault.Limited:
		return b.say(ctx, u, message{Text: textoMuchosCodigos})
	case err != nil:
		return fmt.Errorf("redeem a code: %w", err)
	case !ok:
		return b.say(ctx, u, message{Text: textoCodigoMal})
	}
	state, err := b.Dispatcher.Usuario(ctx, id)
	if err != nil {
		return fmt.Errorf("read whose code it is: %w", err)
	}
	who, err := b.Usuarios.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read whose code it is: %w", err)
	}
	said, err := b.order(ctx, u, "vincular", usuario.VincularTelegram{
		Orden:      usuario.Orden{ID: id, Por: permiso.Autor{Usuario: id, Rol: who.Rol, Efectivo: who.Efectivo}, En: u.Recibido},
		TelegramID: commands.SealIndexed(string(state.Sujeto()), "telegram_id", strconv.FormatInt(u.Chat, 10)),
	})
	switch {
	case err != nil:
		return fmt.Errorf("link an account: %w", err)
	case said != "":
		return b.say(ctx, u, message{Text: textoRechazo(said)})
	}
	return b.say(ctx, u, message{Text: textoVinculado + "\n\n" + textoAyuda, Menu: true})
}

// list shows the Tareas of whoever asks, each with what he can do next.
func (b *Bot) list(ctx context.Context, u update, p persona) error {
	if p.autor.Efectivo == "" {
		return b.say(ctx, u, message{Text: textoNoEfectivo, Menu: true})
	}
	page, err := b.Tareas.List(ctx, projections.ScopeOf(p.autor, permiso.TareaLeer), tareas.Filter{
		Efectivo: p.autor.Efectivo, Limite: 20,
		Estados: []tarea.Estado{tarea.EstadoProgramada, tarea.EstadoEnCurso, tarea.EstadoPausada},
	})
	if err != nil {
		return fmt.Errorf("list the tareas of an efectivo: %w", err)
	}
	shown := 0
	for _, t := range page.Datos {
		for _, a := range t.Asignaciones {
			if a.Efectivo != p.autor.Efectivo || !a.Estado.Activa() {
				continue
			}
			buttons, err := b.buttons(ctx, u.Chat, t.ID, a.Estado)
			if err != nil {
				return err
			}
			shown++
			if err := b.say(ctx, u, message{Text: textoEnLista(t, a.Estado), Buttons: buttons, n: shown}); err != nil {
				return err
			}
		}
	}
	if shown == 0 {
		return b.say(ctx, u, message{Text: textoSinTareas, Menu: true})
	}
	return nil
}

// next says what an Efectivo can do after a step.
func next(paso tarea.EstadoAsignacion) []tarea.EstadoAsignacion {
	switch paso {
	case tarea.PasoOfrecida, tarea.PasoAsignada:
		return []tarea.EstadoAsignacion{tarea.PasoAceptada, tarea.PasoRechazada}
	case tarea.PasoAceptada:
		return []tarea.EstadoAsignacion{tarea.PasoEnCamino, tarea.PasoEnLugar}
	case tarea.PasoEnCamino:
		return []tarea.EstadoAsignacion{tarea.PasoEnLugar}
	case tarea.PasoEnLugar:
		return []tarea.EstadoAsignacion{pasoFinalizar}
	case tarea.PasoRechazada, tarea.PasoLiberada:
	}
	return nil
}

func (b *Bot) buttons(ctx context.Context, chat int64, id ident.Tarea, paso tarea.EstadoAsignacion) (list []button, err error) {
	for _, to := range next(paso) {
		key, err := b.Mailbox.NewButton(ctx, chat, chat, string(to)+" "+string(id), buttonLife)
		if err != nil {
			return nil, fmt.Errorf("make a button: %w", err)
		}
		list = append(list, button{Text: botonDe[to], ID: key})
	}
	return list, nil
}

// button does what a pressed button stands for.
func (b *Bot) button(ctx context.Context, u update, p persona) error {
	action, ok, err := b.Mailbox.UseButton(ctx, u.Button, u.Chat, u.Chat, u.ID)
	switch {
	case err != nil:
		return fmt.Errorf("use a button: %w", err)
	case !ok:
		b.answer(ctx, u, textoBotonViejo)
		return nil
	}
	word, raw, _ := strings.Cut(action, " ")
	paso := tarea.EstadoAsignacion(word)
	if permiso.De(p.autor.Rol, presses[paso]) == permiso.Nada {
		b.answer(ctx, u, "")
		return b.say(ctx, u, message{Text: textoProhibido, Menu: true})
	}
	if ok, err := b.signed(ctx, u, p, paso, raw); ok {
		return err
	}
	id, err := ident.Parse[ident.Tarea](raw)
	if err != nil {
		return fmt.Errorf("read action %q: %w", action, err)
	}
	orden := tarea.Orden{ID: id, Por: p.autor, En: u.Recibido}
	var cmd commands.Command = tarea.Responder{Orden: orden, Efectivo: p.autor.Efectivo, Paso: paso}
	if paso == pasoFinalizar {
		cmd = tarea.Finalizar{Orden: orden}
	}
	// Its name is read before: whoever said no may not read it afterwards.
	t, err := b.Tareas.Get(ctx, projections.ScopeOf(p.autor, permiso.TareaLeer), string(id))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("read the tarea of a button: %w", err)
	}
	said, err := b.order(ctx, u, word, cmd)
	if err != nil {
		return fmt.Errorf("order %s: %w", word, err)
	}
	if said != "" {
		b.answer(ctx, u, "")
		return b.say(ctx, u, message{Text: textoRechazo(said), Menu: true})
	}
	if paso == tarea.PasoEnLugar {
		// Arriving starts the work. A Tarea in pause stays so: arriving is recorded all the same.
		if _, err := b.order(ctx, u, "iniciar", tarea.Iniciar{Orden: orden}); err != nil {
			return fmt.Errorf("order iniciar: %w", err)
		}
	}
	b.answer(ctx, u, hechoDe[paso])
	buttons, err := b.buttons(ctx, u.Chat, id, paso)
	if err != nil {
		return err
	}
	if t.Codigo == "" {
		return b.say(ctx, u, message{Text: hechoDe[paso], Buttons: buttons, Edit: u.Message})
	}
	return b.say(ctx, u, message{Text: textoHecho(t, paso), Buttons: buttons, Edit: u.Message})
}

// answer stops the button's spinner. It is not worth repeating.
func (b *Bot) answer(ctx context.Context, u update, text string) {
	err := b.client.AnswerCallbackQuery(ctx, &telego.AnswerCallbackQueryParams{CallbackQueryID: u.Callback, Text: text})
	if err != nil {
		b.Log.DebugContext(ctx, "button not answered", slog.String("error", err.Error()))
	}
}

// position hands a shared position to the intake and says only once how it went.
func (b *Bot) position(ctx context.Context, u update, p persona) error {
	switch {
	case p.autor.Efectivo == "":
		if u.Place.First {
			return b.say(ctx, u, message{Text: textoNoEfectivo, Menu: true})
		}
		return nil
	case !u.Place.Live:
		return b.say(ctx, u, message{Text: textoUbicacionFija, Menu: true})
	}
	fix := efectivo.Fix{
		Punto: geo.Punto{Lat: u.Place.Lat, Lon: u.Place.Lon}, En: u.Place.En,
		Precision: u.Place.Precision, Velocidad: -1, Rumbo: -1,
	}
	if u.Place.Rumbo > 0 { // 1..360 when known
		fix.Rumbo = u.Place.Rumbo
	}
	verdicts, err := b.Intake.Receive(ctx, p.autor, p.autor.Efectivo, []efectivo.Fix{fix}, "telegram")
	if err != nil {
		return fmt.Errorf("report a position: %w", err)
	}
	if !u.Place.First || len(verdicts) == 0 {
		return nil
	}
	text := textoUbicacionMal
	switch verdicts[0].Rechazada {
	case "", efectivo.Duplicada:
		text = textoUbicacionBien
	case efectivo.FueraDeTurno:
		text = textoFueraDeTurno
	case efectivo.Incompleta, efectivo.Futura, efectivo.CoordenadaInvalida, efectivo.PrecisionInvalida, efectivo.VelocidadImposible:
	}
	return b.say(ctx, u, message{Text: text})
}
