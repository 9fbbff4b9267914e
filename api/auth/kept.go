package auth

import (
	"context"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
)

// Kept is what stands beside the facts because it must not be one: hashes, secrets and
// counters; eventstore/sessions keeps it. A usuario is a UUID in text.
type Kept interface {
	Credential(ctx context.Context, usuario string) (phc string, ok bool, err error)
	PutCredential(ctx context.Context, usuario, phc string) error
	// Rehash replaces a hash by another of the same password, unless the password
	// was changed meanwhile.
	Rehash(ctx context.Context, usuario, from, to string) (done bool, err error)
	DropCredential(ctx context.Context, usuario string) error

	// Ways says who of some Usuarios has a password, and whom a link waits for.
	Ways(ctx context.Context, usuarios []string) (password, link map[string]bool, err error)

	// NewActivation makes the one-time code of a Usuario and voids his earlier one.
	NewActivation(ctx context.Context, usuario string, ttl time.Duration) (code string, expires time.Time, err error)
	// Activation says whose a code is, Activate uses it up: the Usuario then has this
	// password and no second factor.
	Activation(ctx context.Context, code string) (usuario string, ok bool, err error)
	Activate(ctx context.Context, code, phc string) (usuario string, ok bool, err error)

	// PutSecond keeps a second factor that does not count yet; one that does stays.
	PutSecond(ctx context.Context, usuario string, secret []byte) (done bool, err error)
	Second(ctx context.Context, usuario string) (secret []byte, active bool, err error)
	// UseStep takes a time step that is newer than any taken before.
	UseStep(ctx context.Context, usuario string, step int64) (ok bool, err error)
	ActivateSecond(ctx context.Context, usuario string, recovery [][]byte) error
	UseRecovery(ctx context.Context, usuario string, hash []byte) (ok bool, err error)
	DropSecond(ctx context.Context, usuario string) error

	// Attempt counts an attempt before it is made; with wait > 0 it must not be.
	Attempt(ctx context.Context, key []byte, free int, window, most time.Duration) (wait time.Duration, err error)
	ClearAttempts(ctx context.Context, key []byte) error
	// See takes a proof that may be shown once.
	See(ctx context.Context, hash []byte, until time.Time) (first bool, err error)
}

// Sessions keeps families of refresh tokens: opaque, 256 bits, stored as hashes.
type Sessions interface {
	// Open starts a family.
	Open(ctx context.Context, o Opening) (Session, error)
	// Rotate trades a refresh token for the next one. A token that ended or that nobody
	// knows fails with fault.Unauthorized; one that was used before with ErrReutilizada,
	// and the family, which it ended, is returned with it.
	Rotate(ctx context.Context, refresh string) (Session, error)
	// Family says of which session a refresh token is; false when nobody knows it.
	Family(ctx context.Context, refresh string) (session string, ok bool, err error)
	// List returns the open families of a Usuario, newest first.
	List(ctx context.Context, id ident.Usuario) ([]Session, error)
	// Close ends a family; closing twice is harmless.
	Close(ctx context.Context, session, reason string) error
	// CloseAll ends those of a Usuario but one and returns which.
	CloseAll(ctx context.Context, id ident.Usuario, reason, except string) ([]string, error)
	// MarkSecond records that a second factor was shown in a family.
	MarkSecond(ctx context.Context, session string) error
}

// Opening says for whom a family is started.
type Opening struct {
	Usuario ident.Usuario
	Agent   string // what the client calls itself
	Block   string // its address block
	Second  bool   // a second factor was shown
}

// Session is one family of refresh tokens and its newest one.
type Session struct {
	ID        string
	Usuario   ident.Usuario
	Refresh   string // only from Open and Rotate
	Second    bool   // a second factor was shown
	OpenedAt  time.Time
	UsedAt    time.Time
	ExpiresAt time.Time
	Agent     string
	Block     string
}
