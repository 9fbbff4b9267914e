package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// Directory finds people by what they call themselves.
type Directory interface {
	// ByEmail finds the Usuario with an address, in any writing of it.
	ByEmail(ctx context.Context, email string) (ident.Usuario, bool, error)
	// ByTelegram finds the Usuario to whom a Telegram account is linked.
	ByTelegram(ctx context.Context, account int64) (ident.Usuario, bool, error)
}

// Orders is the one door for orders; commands.Dispatcher is it.
type Orders interface {
	Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error)
	Usuario(ctx context.Context, id ident.Usuario) (usuario.State, error)
}

// Profiles tells what a Usuario may do.
type Profiles interface {
	Profile(ctx context.Context, id ident.Usuario) (Profile, error)
}

// Profile is what a token says of a Usuario.
type Profile struct {
	Rol      permiso.Rol
	Efectivo ident.Efectivo // the Efectivo he is, or ""
	Version  int64          // permission version
}

// Settings of the door. Zero fields take the documented default.
type Settings struct {
	SecondRequired bool           // whoever is supervisor or above needs a second factor
	Account        Patience       // per account and address block: 5 a minute, then waits up to 15 min
	Block          Patience       // per address block: 20 a minute
	Trusted        []netip.Prefix // address blocks that are not counted as such: our own offices
	ActivationTTL  time.Duration  // of a one-time link: 24 h
	// TelegramKey is HMAC-SHA256("WebAppData", bot token), hexadecimal; empty: nobody
	// comes in by Telegram.
	TelegramKey []byte
}

func (s Settings) withDefaults() Settings {
	if s.Account == (Patience{}) {
		s.Account = Patience{Free: 5, Window: time.Minute, Most: 15 * time.Minute}
	}
	if s.Block == (Patience{}) {
		s.Block = Patience{Free: 20, Window: time.Minute, Most: time.Minute}
	}
	if s.ActivationTTL == 0 {
		s.ActivationTTL = 24 * time.Hour
	}
	return s
}

// Door lets people in and out.
type Door struct {
	Deps

	settings Settings
	telegram atomic.Pointer[[]byte] // Settings.TelegramKey, which may change
	failing  sync.WaitGroup         // facts of failed attempts on their way
	inFlight atomic.Int64
}

// Deps are what a Door stands on.
type Deps struct {
	Issuer    *Issuer
	Hasher    *Hasher
	Directory Directory
	Orders    Orders
	Kept      Kept
	Sessions  Sessions
	Profiles  Profiles
	// Secret makes the keys for what is kept: 32 bytes, the same in every process and after
	// every restart.
	Secret   []byte
	Settings Settings
	Now      func() time.Time
	Log      *slog.Logger
}

// NewDoor checks its dependencies and returns a Door.
func NewDoor(d Deps) (*Door, error) {
	if d.Issuer == nil || d.Hasher == nil || d.Directory == nil || d.Orders == nil || d.Kept == nil || d.Sessions == nil || d.Profiles == nil {
		return nil, errors.New("the door needs an issuer, a hasher, a directory, orders, a store, sessions and profiles")
	}
	if len(d.Secret) < 32 {
		return nil, errors.New("the secret of the door needs at least 32 bytes")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	door := &Door{Deps: d, settings: d.Settings.withDefaults()}
	door.SetTelegramKey(d.Settings.TelegramKey)
	return door, nil
}

// SetTelegramKey replaces the key of Settings: the bot has another token now.
func (d *Door) SetTelegramKey(key []byte) { d.telegram.Store(&key) }

// Client is who is at the other end, as far as can be told.
type Client struct {
	Agent  string     // what it calls itself
	Addr   netip.Addr // its address
	Device string     // the mark that an earlier login gave it
}

// Block is the address block of a client: a household or an office, not one machine.
func (c Client) Block() string {
	a := c.Addr.Unmap()
	if !a.IsValid() {
		return ""
	}
	bits := 64
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// Tokens is what a login or a refresh gives.
type Tokens struct {
	Access  string
	Expires time.Time // of Access
	Refresh string
	Ends    time.Time // of the session
	Device  string    // the mark of this device, at a login
	Limited bool      // good for nothing but setting a second factor up
}

// nobody is an id that no Usuario has.
const nobody = ident.Usuario("00000000-0000-0000-0000-000000000000")

// mac binds values under the secret of the door; lengths keep them apart.
func (d *Door) mac(purpose string, values ...string) []byte {
	mac := hmac.New(sha256.New, d.Secret)
	for _, v := range append([]string{purpose}, values...) {
		_, _ = fmt.Fprintf(mac, "%d:%s", len(v), v)
	}
	return mac.Sum(nil)
}

// record makes orders of what happened at the door.
func (d *Door) record(ctx context.Context, cmds ...commands.Command) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("name an order: %w", err)
	}
	_, err = d.Orders.Dispatch(ctx, commands.Order{ID: eventstore.CommandID(id), Commands: cmds, Causation: "auth"})
	return err
}

// self is a Usuario as the author of what he does at the door.
func self(id ident.Usuario, rol permiso.Rol) permiso.Autor {
	return permiso.Autor{Usuario: id, Rol: rol}
}

// system is the door itself as an author: of attempts that nobody is known to have made.
var system = permiso.Autor{Rol: permiso.Sistema, Sistema: "puerta"}

func (d *Door) now() time.Time { return d.Now().UTC().Truncate(time.Microsecond) }

func (d *Door) profile(ctx context.Context, id ident.Usuario) (Profile, error) {
	p, err := d.Profiles.Profile(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return p, ErrCredencial.Because(err)
	}
	if err != nil {
		return p, fmt.Errorf("read who the usuario is: %w", err)
	}
	if !p.Rol.Valido() {
		return p, ErrCredencial.Because(errors.New("the usuario has no rol"))
	}
	return p, nil
}

// limited reports whether a session may do nothing yet.
func (d *Door) limited(rol permiso.Rol, s Session) bool {
	return d.settings.SecondRequired && rol.Nivel() >= permiso.Supervisor.Nivel() && !s.Second
}

func (d *Door) tokens(p Profile, s Session) (Tokens, error) {
	limited := d.limited(p.Rol, s)
	access, exp, err := d.Issuer.Issue(Identity{
		Autor:   permiso.Autor{Usuario: s.Usuario, Rol: p.Rol, Efectivo: p.Efectivo},
		Session: s.ID, Version: p.Version, Limited: limited,
	})
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: access, Expires: exp, Refresh: s.Refresh, Ends: s.ExpiresAt, Limited: limited}, nil
}
