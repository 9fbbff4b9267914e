package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/grupo-gad/gad/api/bot/bottest"
	liveclient "github.com/grupo-gad/gad/api/live/client"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/eventstore"
)

// TestSOS: somebody in the field calls for help by REST. Whoever commands sees it at once on a
// socket of another process, who is on duty hears of it by Telegram, whom it reached is in the
// log, and attending to it ends it for both.
func TestSOS(t *testing.T) {
	t.Parallel()
	tg := bottest.Start()
	t.Cleanup(tg.Close)
	w := newWorld(t, map[string]string{"GAD_TELEGRAM_TOKEN": bottest.Token, "GAD_TELEGRAM_API_URL": tg.URL})
	admin, boss, agent := w.as(permiso.Administrador), w.as(permiso.Supervisor), w.as(permiso.Efectivo)
	watch := w.watch(w.newLiveNode(), boss.token)

	var me struct{ ID, Efectivo string }
	agent.want(http.StatusOK, agent.do("GET", "/api/v1/auth/yo", nil), &me)
	if me.Efectivo == "" {
		t.Fatal("the development Efectivo has no file")
	}
	agent.want(http.StatusOK, agent.do("POST", "/api/v1/efectivos/"+me.Efectivo+"/turno", map[string]any{}), nil)

	// A colleague on duty, with Telegram.
	const chat = int64(4242)
	colleague := w.newEfectivo(admin, "MOV-8", -34.60, -58.38)
	var his struct{ Usuario string }
	admin.want(http.StatusOK, admin.do("GET", "/api/v1/efectivos/"+colleague, nil), &his)
	var link struct{ Codigo string }
	admin.want(http.StatusOK, admin.do("POST", "/api/v1/usuarios/"+his.Usuario+"/vinculo-telegram", nil), &link)
	tg.Text(chat, "/vincular "+link.Codigo)
	hears := func(words string) bool {
		_, ok := tg.Await(patience, func(list []bottest.Call) bool {
			return slices.ContainsFunc(list, func(c bottest.Call) bool { return c.Chat == chat && strings.Contains(c.Text, words) })
		}, "sendMessage")
		return ok
	}
	if !hears("quedó vinculada") {
		t.Fatalf("the bot said %+v", tg.Calls())
	}

	sos := "/api/v1/efectivos/" + me.Efectivo + "/sos"
	var called order
	agent.want(http.StatusOK, agent.do("POST", sos, map[string]any{"ubicacion": map[string]float64{"lat": -34.61, "lon": -58.39}}), &called)
	var alert liveclient.Frame
	eventually(t, "whoever commands sees the alert", func() bool {
		return watch.any(func(f liveclient.Frame) bool {
			if f.Type == "alert" && f.Kind == "sos" {
				alert = f
			}
			return alert.ID != ""
		})
	})
	if !strings.HasPrefix(alert.ID, "efectivo-"+me.Efectivo+"@") || alert.Priority != 5 || alert.Position != called.Posicion {
		t.Errorf("the alert is %+v", alert)
	}
	if !hears("SOS") {
		t.Errorf("his colleague heard %+v", tg.Calls())
	}

	// Whom it reached, and by what, is a fact for each.
	var commander struct{ ID string }
	boss.want(http.StatusOK, boss.do("GET", "/api/v1/auth/yo", nil), &commander)
	reached := func() (list []string) {
		for r, err := range w.sys.store.ReadStream(t.Context(), eventstore.StreamID(operacion.StreamAlerta(alert.ID)), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := r.Event.(operacion.AlertaEntregada); ok {
				list = append(list, e.Canal+" "+string(e.Usuario))
			}
		}
		slices.Sort(list)
		return list
	}
	want := []string{"telegram " + his.Usuario, "ws " + commander.ID}
	eventually(t, "both deliveries are in the log", func() bool { return slices.Equal(reached(), want) })

	// The Efectivo himself may not end it; whoever commands may, and everybody sees it.
	agent.refused(http.StatusForbidden, "prohibido", agent.do("DELETE", sos, nil))
	boss.want(http.StatusOK, boss.do("DELETE", sos, map[string]any{"observaciones": "Acompañado"}), nil)
	eventually(t, "the end is seen", func() bool { return watch.has("efectivo.sos_atendido", "efectivo-"+me.Efectivo) })
	var state struct {
		SOS bool `json:"sos"`
	}
	boss.want(http.StatusOK, boss.do("GET", "/api/v1/efectivos/"+me.Efectivo, nil), &state)
	if state.SOS {
		t.Error("he still calls for help")
	}
	if n := len(reached()); n != len(want) {
		t.Errorf("%d deliveries in the end", n)
	}
}
