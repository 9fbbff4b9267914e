package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// freshPlace is how old a marker may be to say where somebody calls for help from.
const freshPlace = 10 * time.Minute

// movedM is how far from where he called, in metres, a marker says that he is elsewhere by now.
const movedM = 100

// lateModel is how long after a call for help its tellers wait for a read model that is behind.
// Then they tell whom they know of.
const lateModel = 10 * time.Second

// help calls for help on behalf of who asks: one word, one tap.
func (b *Bot) help(ctx context.Context, u update, p persona) error {
	if p.autor.Efectivo == "" {
		return b.say(ctx, u, message{Text: textoNoEfectivo, Menu: true})
	}
	call := efectivo.ActivarSOS{Orden: efectivo.Orden{ID: p.autor.Efectivo, Por: p.autor, En: u.Recibido}}
	// A place helps; not to know it holds nothing up.
	if e, err := b.Efectivos.Get(ctx, projections.System, p.autor.Efectivo); err == nil && e.PosicionActual != nil && u.Recibido.Sub(e.PosicionActual.En) < freshPlace {
		call.Ubicacion = &geo.Punto{Lat: e.PosicionActual.Lat, Lon: e.PosicionActual.Lon}
	}
	said, err := b.order(ctx, u, "sos", call)
	switch {
	case err != nil:
		return fmt.Errorf("call for help: %w", err)
	case said != "":
		return b.say(ctx, u, message{Text: textoRechazo(said), Menu: true})
	}
	return b.say(ctx, u, message{Text: textoSOSPedido, Menu: true})
}

// call tells the people on duty of a call for help.
func (b *Bot) call(ctx context.Context, r eventstore.Recorded) error {
	switch e := r.Event.(type) {
	case efectivo.SOSActivado:
		return b.helpCalled(ctx, r, ident.Efectivo(strings.TrimPrefix(string(r.Stream), "efectivo-")), alertID(r), e, false)
	case operacion.AlertaEscalada:
		id := strings.TrimPrefix(string(r.Stream), operacion.StreamAlerta(""))
		called, err := b.called(ctx, id)
		if err = b.holdsUp(ctx, r, err); err != nil {
			return err
		}
		return b.helpCalled(ctx, r, e.Efectivo, id, called, true)
	}
	return nil
}

// called reads the call for help that an alert is about; zero when it names none.
func (b *Bot) called(ctx context.Context, alert string) (efectivo.SOSActivado, error) {
	stream, text, _ := operacion.DeAlerta(alert)
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version < 1 {
		return efectivo.SOSActivado{}, nil
	}
	for r, err := range b.Facts.ReadStream(ctx, eventstore.StreamID(stream), eventstore.Version(version-1)) {
		e, _ := r.Event.(efectivo.SOSActivado)
		return e, wrap(err, "read a call for help")
	}
	return efectivo.SOSActivado{}, nil
}

// holdsUp returns an error in the way of a call for help that is young enough to wait for
// better; of an older one it is only logged.
func (b *Bot) holdsUp(ctx context.Context, r eventstore.Recorded, err error) error {
	if err == nil || ctx.Err() != nil || time.Since(r.RecordedAt) < b.late {
		return err
	}
	b.Log.WarnContext(ctx, "a call for help is told by what was known some time ago", slog.Int64("position", int64(r.Position)), slog.Any("error", err))
	return nil
}

// helpCalled tells everybody on duty in the Zonas of who calls; everybody on duty where no
// Zona is known, where nobody in them can be told, or when nobody has come so far.
func (b *Bot) helpCalled(ctx context.Context, r eventstore.Recorded, who ident.Efectivo, alert string, called efectivo.SOSActivado, again bool) error {
	if err := b.Dispatcher.Refresh(ctx, eventstore.StreamID(who.Stream())); err != nil {
		return fmt.Errorf("read who calls for help: %w", err)
	}
	state, err := b.Dispatcher.Efectivo(ctx, who)
	if err != nil {
		return fmt.Errorf("read who calls for help: %w", err)
	}
	if !state.SOS() {
		return nil // attended since
	}
	if err := b.holdsUp(ctx, r, b.Waiter.WaitFor(ctx, efectivos.Name, r.Position)); err != nil {
		return err
	}
	e, err := b.Efectivos.Get(ctx, projections.System, who)
	if err != nil && fault.KindOf(err) != fault.NotFound { // whatever is not known of him, he calls
		return fmt.Errorf("read who calls for help: %w", err)
	}
	zonas := state.Zonas()
	if again {
		zonas = nil
	}
	b.Log.InfoContext(ctx, "call for help", slog.Int64("position", int64(r.Position)), slog.Bool("again", again))
	text := textoSOS(e.CodigoInterno, b.whence(called, e.PosicionActual, b.now()), again, e.Simulado)
	m := message{Text: text, urgency: urgencyHelp}
	reached, err := b.broadcast(ctx, r, alert, who, zonas, m)
	if err == nil && reached == 0 && len(zonas) > 0 { // he is alone where he is
		_, err = b.broadcast(ctx, r, alert, who, nil, m)
	}
	return err
}

// whence says where a call for help comes from. What was said with it stands; a marker adds to
// it where he went since. Without it the marker is the place while it is fresh and of this
// turno, and later the last that is known, which is told with its age.
func (b *Bot) whence(called efectivo.SOSActivado, at *efectivos.Posicion, now time.Time) string {
	if at == nil {
		return textoLugar(called.Ubicacion)
	}
	var (
		marker = geo.Punto{Lat: at.Lat, Lon: at.Lon}
		age    = now.Sub(at.En)
		fresh  = at.DelTurno && age < freshPlace
	)
	switch place := called.Ubicacion; {
	case place == nil && fresh:
		return textoLugar(&marker)
	case place == nil:
		return textoLugarViejo(marker, at.En.In(b.Zone), age)
	case fresh && at.En.After(called.En) && geo.Distancia(*place, marker) > movedM:
		return textoLugar(place) + textoMovido(marker, age)
	}
	return textoLugar(called.Ubicacion)
}
