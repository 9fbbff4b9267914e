package auth_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/cmd/gad/entry"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/memory"
	"github.com/grupo-gad/gad/eventstore/sessions"
	"github.com/grupo-gad/gad/ops/pgtest"
)

const goodPassword = "una frase larga y propia"

// hall is a Door over the real store of credentials and a log in memory.
type hall struct {
	t      *testing.T
	clock  *clock
	issuer *auth.Issuer
	hasher *auth.Hasher
	kept   *sessions.Store
	door   *auth.Door
	orders *commands.Dispatcher
	log    *memory.Store
	people *people
}

// newHall makes one whose settings a test may adjust.
func newHall(t *testing.T, adjust ...func(*auth.Deps)) *hall {
	t.Helper()
	b := newBench(t)
	db := pgtest.New(t)
	h := &hall{t: t, clock: b.clock, issuer: b.issuer, hasher: auth.NewHasher(cheap), kept: sessions.NewAt(db.App, b.clock.now), people: &people{mail: map[string]ident.Usuario{}, profile: map[ident.Usuario]auth.Profile{}}}
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	h.log = memory.New(catalog)
	if h.orders, err = commands.New(h.log, h.log, commands.Options{}); err != nil {
		t.Fatal(err)
	}
	deps := auth.Deps{
		Issuer: h.issuer, Hasher: h.hasher, Directory: h.people, Orders: h.orders, Kept: h.kept, Sessions: entry.Families{Store: h.kept, TTL: 12 * time.Hour}, Profiles: h.people,
		Secret: bytes.Repeat([]byte{7}, 32), Now: h.clock.now, Log: slog.New(slog.DiscardHandler),
		Settings: auth.Settings{TelegramKey: auth.TelegramKey(botToken)},
	}
	for _, f := range adjust {
		f(&deps)
	}
	if h.door, err = auth.NewDoor(deps); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.door.Settle)
	return h
}

// person registers somebody with the good password and returns his id.
func (h *hall) person(email string, rol permiso.Rol) ident.Usuario {
	h.t.Helper()
	id := ident.Usuario(uuid.NewString())
	text := func(field, value string) sealed.Text { return commands.SealIndexed(string(id), field, value) }
	h.order(usuario.Registrar{
		Orden: usuario.Orden{ID: id, Por: permiso.Autor{Rol: permiso.Administrador}, En: start}, Sujeto: ident.Sujeto(id), Rol: rol,
		Nombre: text("nombre", "Ana"), Apellido: text("apellido", "Paz"), Email: text("email", email),
	})
	h.people.add(email, id, rol)
	if err := h.door.SetPassword(h.t.Context(), id, goodPassword); err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *hall) order(c commands.Command) {
	h.t.Helper()
	if _, err := h.orders.Dispatch(h.t.Context(), commands.Order{ID: eventstore.CommandID(uuid.New()), Commands: []commands.Command{c}}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) login(email, password, code string) (auth.Tokens, error) {
	h.t.Helper()
	return h.from("192.0.2.7", email, password, code)
}

func (h *hall) from(addr, email, password, code string) (auth.Tokens, error) {
	h.t.Helper()
	return h.door.Login(h.t.Context(), auth.Login{Email: email, Password: password, Code: code, Client: auth.Client{Addr: netip.MustParseAddr(addr), Agent: "test"}})
}

// in logs Ana in and returns the verified identity.
func (h *hall) in(code string) auth.Identity {
	h.t.Helper()
	tokens, err := h.login("ana@gad.test", goodPassword, code)
	if err != nil {
		h.t.Fatal(err)
	}
	who, err := h.issuer.Verify(h.t.Context(), tokens.Access)
	if err != nil {
		h.t.Fatal(err)
	}
	return who
}

// facts counts the recorded facts by name.
func (h *hall) facts() map[string]int {
	h.t.Helper()
	h.door.Settle()
	counts := map[string]int{}
	records, err := h.log.ReadLog(h.t.Context(), 0, 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range records {
		counts[r.Type]++
	}
	return counts
}

func (h *hall) wantFacts(want map[string]int) {
	h.t.Helper()
	all, got := h.facts(), map[string]int{}
	for name := range want {
		got[name] = all[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func refused(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %s", err, want.Code)
	}
}

// people is who exists: what the vault and the read model know elsewhere.
type people struct {
	mu       sync.Mutex // guards everything
	mail     map[string]ident.Usuario
	telegram map[int64]ident.Usuario
	profile  map[ident.Usuario]auth.Profile
}

func (p *people) add(email string, id ident.Usuario, rol permiso.Rol) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mail[email], p.profile[id] = id, auth.Profile{Rol: rol, Version: 1}
}

func (p *people) ByEmail(_ context.Context, email string) (ident.Usuario, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok := p.mail[commands.Normal("email", email)]
	return id, ok, nil
}

func (p *people) ByTelegram(_ context.Context, account int64) (ident.Usuario, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok := p.telegram[account]
	return id, ok, nil
}

func (p *people) Profile(_ context.Context, id ident.Usuario) (auth.Profile, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	profile, ok := p.profile[id]
	if !ok {
		return profile, usuario.ErrNoExiste
	}
	return profile, nil
}

// TestLoginTellsNobodyWhoExists compares what a stranger can measure: the answer, the hashes
// computed for it, and what is asked of the database.
func TestLoginTellsNobodyWhoExists(t *testing.T) {
	t.Parallel()
	h := newHall(t, func(d *auth.Deps) {
		d.Settings.Account.Free, d.Settings.Account.Window, d.Settings.Account.Most = 1000, time.Minute, time.Minute
	})
	h.person("ana@gad.test", permiso.Supervisor)
	blocked := h.person("luis@gad.test", permiso.Efectivo)
	h.order(usuario.Bloquear{Orden: usuario.Orden{ID: blocked, Por: permiso.Autor{Rol: permiso.Administrador}, En: start}, Motivo: commands.Seal("x", "motivo", "prueba")})
	fresh := h.person("eva@gad.test", permiso.Efectivo)
	if err := h.kept.DropCredential(t.Context(), string(fresh)); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"ana@gad.test", "ANA@gad.test ", "nadie@gad.test", "luis@gad.test", "eva@gad.test"} {
		before := h.hasher.Runs()
		_, err := h.login(email, "una frase equivocada", "")
		if !errors.Is(err, auth.ErrCredencial) || err.Error() != auth.ErrCredencial.Code {
			t.Errorf("%s: %v", email, err)
		}
		if n := h.hasher.Runs() - before; n != 1 {
			t.Errorf("%s: %d argon2 runs", email, n)
		}
	}
	h.wantFacts(map[string]int{"usuario.sesion_fallida": 4, "usuario.sesion_iniciada": 0})
}

const botToken = "1234567890:AAE-a-token-of-a-bot"
