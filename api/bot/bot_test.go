package bot_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/api/bot/bottest"
	"github.com/grupo-gad/gad/eventstore"
)

func button(t *testing.T, c bottest.Call, text string) string {
	t.Helper()
	for _, b := range c.Buttons {
		if b.Text == text {
			return b.Data
		}
	}
	t.Fatalf("%q has no button %q: %+v", c.Text, text, c.Buttons)
	return ""
}

// From an unknown account to a finished Tarea, by words and buttons.
func TestConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana = 11
	e, persona := w.onDuty()

	w.tg.Text(ana, "/start")
	if c := w.said(ana, 1); !strings.Contains(c.Text, "no sé quién sos") {
		t.Fatalf("to a stranger: %q", c.Text)
	}
	w.tg.Text(ana, "/vincular NADA-NADA")
	if c := w.said(ana, 2); !strings.Contains(c.Text, "no sirve") {
		t.Fatalf("to a wrong code: %q", c.Text)
	}
	link, err := w.mail.NewLink(t.Context(), persona)
	if err != nil {
		t.Fatal(err)
	}
	w.tg.Text(ana, "/start "+link.Token)
	if c := w.said(ana, 3); !strings.Contains(c.Text, "quedó vinculada") || len(c.Menu) != 3 {
		t.Fatalf("to a good code: %+v", c)
	}
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.level(head)
	w.tg.Text(ana, "Mis tareas")
	if c := w.said(ana, 4); !strings.Contains(c.Text, "No tenés tareas") {
		t.Fatalf("with nothing to do: %q", c.Text)
	}

	id := w.tarea("T-PLAZA", "Relevar la plaza")
	w.asignar(id, e)
	notice := w.said(ana, 5)
	if !strings.HasPrefix(notice.Text, "Te asignaron T-PLAZA «Relevar la plaza»") {
		t.Fatalf("notice %q", notice.Text)
	}
	message := notice.Message
	w.tg.Press(ana, message, button(t, notice, "Acepto"))
	c := w.said(ana, 6)
	if c.Method != "editMessageText" || c.Message != message || c.Text != "T-PLAZA «Relevar la plaza»\nAceptada." {
		t.Fatalf("accepted: %+v", c)
	}
	w.tg.Press(ana, message, button(t, c, "Voy en camino"))
	c = w.said(ana, 7)
	w.tg.Press(ana, message, button(t, c, "Llegué"))
	c = w.said(ana, 8)

	// The list shows the same next step as the message.
	w.tg.Text(ana, "/mistareas@gad_bot")
	listed := w.said(ana, 9)
	if len(listed.Buttons) != 1 || listed.Buttons[0].Text != "Terminé" || !strings.Contains(listed.Text, "en el lugar") {
		t.Fatalf("listed %+v", listed)
	}
	w.tg.Press(ana, message, button(t, c, "Terminé"))
	if c = w.said(ana, 10); c.Text != "T-PLAZA «Relevar la plaza»\nTerminada." || len(c.Buttons) != 0 {
		t.Fatalf("finished: %+v", c)
	}
	want := []string{
		"creada", "efectivo_asignado", "asignacion_aceptada", "efectivo_en_camino", "efectivo_en_lugar", "iniciada",
		"efectivo_liberado", "finalizada",
	}
	if diff := cmp.Diff(want, w.facts(string(id))); diff != "" {
		t.Error(diff)
	}
	for _, call := range w.tg.Calls("sendMessage", "editMessageText") {
		if strings.Contains(string(call.Raw), "Gómez") || strings.Contains(string(call.Raw), "@ejemplo") {
			t.Errorf("personal data in %s", call.Raw)
		}
	}
}

// A button works once, for one account in one chat; what nobody may press does nothing.
func TestButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana, beto = 21, 22
	a := w.linked("21")
	w.linked("22")
	id := w.tarea("T-UNO", "Una tarea")
	w.asignar(id, a)
	notice := w.said(ana, 1)
	accept, reject := button(t, notice, "Acepto"), button(t, notice, "No puedo")
	if accept == reject || len(accept) < 20 {
		t.Errorf("buttons %q, %q", accept, reject)
	}
	toasts := func(n int) []bottest.Call {
		list, ok := w.tg.Await(patience, func(l []bottest.Call) bool { return len(l) >= n }, "answerCallbackQuery")
		if !ok {
			t.Fatalf("%d buttons answered, waited for %d", len(list), n)
		}
		return list
	}
	w.tg.Press(beto, notice.Message, accept) // found out, but not his
	toasts(1)
	w.tg.Press(ana, notice.Message, "b:no-such-button")
	toasts(2)
	w.tg.Press(ana, notice.Message, reject)
	if c := w.said(ana, 2); !strings.Contains(c.Text, "Rechazada") {
		t.Fatalf("rejected: %q", c.Text)
	}
	w.tg.Press(ana, notice.Message, reject)
	if last := toasts(4)[3]; !strings.Contains(last.Text, "ya no sirve") {
		t.Errorf("pressed twice: %q", last.Text)
	}
	w.tg.Press(ana, notice.Message, accept) // a good button, too late
	if c := w.said(ana, 3); !strings.Contains(c.Text, "No se registró") {
		t.Fatalf("accepted after the rejection: %q", c.Text)
	}
	if diff := cmp.Diff([]string{"creada", "efectivo_asignado", "asignacion_rechazada"}, w.facts(string(id))); diff != "" {
		t.Error(diff)
	}
}

// Only a person in a private chat is heard; the offset moves on over the rest.
func TestIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana = 31
	from, private := bottest.Private(ana)
	message := func(change map[string]any) map[string]any {
		m := map[string]any{"message_id": 1, "date": 1, "from": from, "chat": private, "text": "/ayuda"}
		maps.Copy(m, change)
		return map[string]any{"message": m}
	}
	group := map[string]any{"id": -5, "type": "group", "title": "x"}
	for _, u := range []map[string]any{
		message(map[string]any{"chat": group}),
		message(map[string]any{"from": map[string]any{"id": ana, "is_bot": true, "first_name": "x"}}),
		message(map[string]any{"forward_origin": map[string]any{"type": "hidden_user", "date": 1, "sender_user_name": "x"}}),
		message(map[string]any{"text": ""}),
		{"channel_post": message(map[string]any{"chat": map[string]any{"id": -6, "type": "channel"}})["message"]},
		{"edited_message": message(nil)["message"]},
		{"message": "not a message"},
		{"callback_query": map[string]any{"id": "1", "from": from, "chat_instance": "1", "data": "b:x", "message": map[string]any{"message_id": 1, "date": 1, "chat": group}}},
		{"callback_query": map[string]any{"id": "1", "from": from, "chat_instance": "1", "data": "other:x", "message": map[string]any{"message_id": 1, "date": 1, "chat": private}}},
	} {
		w.tg.Push(u)
	}
	w.tg.Text(ana, "/ayuda")
	w.said(ana, 1)
	if calls := w.tg.Calls("sendMessage", "editMessageText", "answerCallbackQuery"); len(calls) != 1 {
		t.Errorf("the bot answered %+v", calls)
	}
	var kept int
	if err := w.db.Owner.QueryRow(t.Context(), `select count(*) from buzon.entrada`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("the inbox kept %d, %v", kept, err)
	}
}

// Many messages of one chat, many workers: answered in the order they came in.
func TestOrderWithinAChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.deps.Workers = 8
	const n = 6
	for i := range n {
		for _, chat := range []int64{41, 42, 43} {
			text := "/ayuda"
			if i%2 == 1 {
				text = "/vincular"
			}
			w.tg.Text(chat, text)
		}
	}
	w.run(nil)
	for _, chat := range []int64{41, 42, 43} {
		for i := range n {
			c := w.said(chat, i+1)
			if want := i%2 == 1; strings.Contains(c.Text, "Mandame el código") != want {
				t.Errorf("chat %d, answer %d is %q", chat, i+1, c.Text)
			}
		}
	}
	if got := w.tg.Unacknowledged(); got != 0 {
		if _, ok := w.tg.Await(patience, func([]bottest.Call) bool { return w.tg.Unacknowledged() == 0 }, "x"); !ok {
			t.Errorf("%d updates are not acknowledged", got)
		}
	}
}

// Telegram says wait, fails, and refuses: what can be delivered is, once, and no earlier.
func TestTelegramRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tg.Refuse("sendMessage", bottest.Refusal{Status: 429, RetryAfter: 1}, bottest.Refusal{Status: 502}, bottest.Refusal{Status: 500})
	w.tg.Refuse("getUpdates", bottest.Refusal{Status: 500}, bottest.Refusal{Status: 409})
	w.tg.Refuse("setMyCommands", bottest.Refusal{Status: 500})
	began := time.Now()
	w.run(nil)
	w.tg.Text(51, "/ayuda")
	c := w.said(51, 1)
	if c.At.Sub(began) < time.Second {
		t.Errorf("sent %v after it was told to wait for a second", c.At.Sub(began))
	}
	if _, ok := w.tg.Await(patience, func(l []bottest.Call) bool { return len(l) == 1 }, "setMyCommands"); !ok {
		t.Error("the menu was never set")
	}
	// Blocked by one person, it goes on with the next.
	w.tg.Refuse("sendMessage", bottest.Refusal{Status: 403})
	w.tg.Text(52, "/ayuda")
	w.tg.Text(53, "/ayuda")
	if _, ok := w.tg.Await(patience, func(l []bottest.Call) bool { return len(l) == 2 }, "sendMessage"); !ok {
		t.Errorf("after a block: %+v", w.tg.Calls("sendMessage"))
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(nil)
	const ana, beto = 61, 62
	id := w.linked("61")
	now := time.Now().Truncate(time.Second)
	w.tg.Live(ana, -34.60, -58.38, now, false)
	if c := w.said(ana, 1); !strings.Contains(c.Text, "Recibo tu ubicación") {
		t.Fatalf("on duty: %q", c.Text)
	}
	w.tg.Live(ana, -34.61, -58.38, now.Add(30*time.Second), true)
	w.tg.Live(ana, -34.61, -58.38, now.Add(30*time.Second), true) // the same again
	w.tg.Text(ana, "/ayuda")
	w.said(ana, 2) // in order: the positions before it were handled, and silently
	batches, err := w.telemetry.ReadBatches(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var lats []float64
	for _, b := range batches {
		for _, f := range b.Fixes {
			lats = append(lats, f.Lat)
			if f.Efectivo != string(id) || f.Source != "telegram" || f.Accuracy != 12.5 || f.Heading != 90 || f.Speed >= 0 {
				t.Errorf("stored %+v", f)
			}
		}
	}
	if !slices.Equal(lats, []float64{-34.60, -34.61}) {
		t.Errorf("stored %v", lats)
	}
	w.tg.Live(beto, -34.6, -58.4, now, false)
	if c := w.said(beto, 1); !strings.Contains(c.Text, "no sé quién sos") {
		t.Errorf("a stranger's position: %q", c.Text)
	}
}

// News that is no longer news is not told, nor what was before the bot.
func TestNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.linked("71")
	before := w.tarea("T-ANTES", "Anterior al bot")
	w.asignar(before, e)
	stop, _ := w.run(nil)
	w.tg.Text(71, "/ayuda")
	w.said(71, 1)
	w.begun()
	stop()
	finish(w, before)
	lost := w.tarea("T-LEJOS", "Ya terminada")
	w.asignar(lost, e)
	finish(w, lost)
	live := w.tarea("T-VIVA", "Todavía suya")
	w.asignar(live, e)
	w.run(nil)
	if c := w.said(71, 2); !strings.Contains(c.Text, "T-VIVA") {
		t.Errorf("told %q", c.Text)
	}
	for _, c := range w.tg.Calls("sendMessage") {
		if strings.Contains(c.Text, "T-ANTES") || strings.Contains(c.Text, "T-LEJOS") {
			t.Errorf("told %q", c.Text)
		}
	}
}

// slowHead is a log whose end one process comes to know late.
type slowHead struct {
	bot.Facts
	asked, tell chan struct{}
}

func (s slowHead) Head(ctx context.Context) (eventstore.Position, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	select {
	case <-s.tell:
		return s.Facts.Head(ctx)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Two processes begin on one database: the slower one takes the beginning of the other, and what
// happened in between is told.
func TestTwoProcessesBegin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.linked("72")
	facts, slow := w.deps.Facts, slowHead{w.deps.Facts, make(chan struct{}, 1), make(chan struct{})}
	w.deps.Facts = slow
	w.run(nil)
	select {
	case <-slow.asked: // it has seen that nobody has begun
	case <-time.After(patience):
		t.Fatal("it never began")
	}
	w.deps.Facts = facts
	stop, _ := w.run(nil)
	w.begun()
	stop()
	w.asignar(w.tarea("T-ENTRE", "Entre uno y otro"), e)
	close(slow.tell)
	if c := w.said(72, 1); !strings.Contains(c.Text, "T-ENTRE") {
		t.Errorf("told %q", c.Text)
	}
}
