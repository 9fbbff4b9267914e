package bot

import (
	"context"
	"iter"
	"time"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
	"github.com/grupo-gad/gad/projections/tareas"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// Inbox keeps updates from their receipt until they are handled. It hands them
// out in the order of their receipt within a chat, one at a time per chat,
// however many workers and processes ask.
type Inbox interface {
	// Receive stores updates that are not known yet and returns when they are
	// durable. The three slices run in parallel.
	Receive(ctx context.Context, ids, chats []int64, bodies [][]byte) error
	// Take leases the oldest unhandled update of some chat of which no update
	// is leased or deferred; id 0 means that there is none. A lease that runs
	// out frees it. attempts counts the earlier leases of this update.
	Take(ctx context.Context, lease time.Duration) (id int64, body []byte, attempts int, err error)
	// Done records that an update was handled, for ever.
	Done(ctx context.Context, id int64) error
	// Defer gives a leased update back, not to be taken before the time is over;
	// younger updates of its chat wait behind it.
	Defer(ctx context.Context, id int64, wait time.Duration, why string) error
}

// Outbox keeps messages until Telegram took them.
type Outbox interface {
	// Enqueue stores a message once per key and returns when it is durable. The most urgent
	// goes first, then the oldest.
	Enqueue(ctx context.Context, key string, chat int64, urgency int16, body []byte) error
	// TakeMessage leases the next message that is due, one per chat and urgency at a time;
	// id 0 means that there is none.
	TakeMessage(ctx context.Context, lease time.Duration) (id, chat int64, body []byte, attempts int, err error)
	// Sent records that Telegram took it; Refused that it never will.
	Sent(ctx context.Context, id int64) error
	Refused(ctx context.Context, id int64, why string) error
	// Postpone gives it back for another attempt after the wait.
	Postpone(ctx context.Context, id int64, wait time.Duration, why string) error
}

// Links redeems the one-time codes that tie a Telegram account to a Usuario.
type Links interface {
	// Redeem returns whose code it is, once: 10 minutes long, at most five wrong
	// tries per account. The same account asking again with the same code gets
	// the same answer, so that a repeated update can finish what it began.
	Redeem(ctx context.Context, code string, telegram int64) (u ident.Usuario, ok bool, err error)
}

// Buttons keeps what a button does on our side: Telegram only sees an opaque
// number of 128 random bits.
type Buttons interface {
	// NewButton returns the id under which the action can be used once, by that
	// account in that chat, until the time is over.
	NewButton(ctx context.Context, chat, account int64, action string, ttl time.Duration) (id string, err error)
	// UseButton returns the action. The update that used it first gets the same
	// answer again; everybody else gets false.
	UseButton(ctx context.Context, id string, chat, account, update int64) (action string, ok bool, err error)
}

// Cursors remembers how far a consumer of facts has come.
type Cursors interface {
	// Cursor returns the position saved last, or false before the first.
	Cursor(ctx context.Context, name string) (position int64, ok bool, err error)
	// BeginCursor saves the first position of a consumer that has none, and returns where it
	// stands: what another process began or moved stays.
	BeginCursor(ctx context.Context, name string, at int64) (position int64, err error)
	SaveCursor(ctx context.Context, name string, position int64) error
}

// Mailbox is all that the bot keeps; eventstore/mailbox is one.
type Mailbox interface {
	Inbox
	Outbox
	Links
	Buttons
	Cursors
}

// Facts follows the log, through JetStream where there is one, and reads the history of what a
// fact is about.
type Facts interface {
	eventstore.StreamReader
	Follow(ctx context.Context, after eventstore.Position) iter.Seq2[[]eventstore.Recorded, error]
	Head(ctx context.Context) (eventstore.Position, error)
}

// Dispatcher is the one door for orders.
type Dispatcher interface {
	Dispatch(ctx context.Context, o commands.Order) (commands.Answer, error)
	// Refresh makes the next state of a stream no older than the log now: facts may come to
	// the bot before they come to the states that are kept.
	Refresh(ctx context.Context, stream eventstore.StreamID) error
	Efectivo(ctx context.Context, id ident.Efectivo) (efectivo.State, error)
	Usuario(ctx context.Context, id ident.Usuario) (usuario.State, error)
}

// Intake takes positions.
type Intake interface {
	// Receive judges and stores fixes of one Efectivo; the verdicts run parallel
	// to the fixes. source says where they came from ("telegram").
	Receive(ctx context.Context, por permiso.Autor, id ident.Efectivo, fixes []efectivo.Fix, source string) ([]efectivo.Recepcion, error)
}

// Lookup finds the stream whose fact claimed a personal value (the vault's blind index).
type Lookup interface {
	Lookup(ctx context.Context, space, normal string) (stream string, ok bool, err error)
}

// Usuarios knows who may ask.
type Usuarios interface {
	Get(ctx context.Context, id ident.Usuario) (usuarios.Usuario, error)
}

// Texts opens sealed texts: here the account of somebody who is to be told.
type Texts interface {
	Reveal(ctx context.Context, commitments []sealed.Commitment) (map[sealed.Commitment]string, error)
}

// Tareas reads the Tareas that somebody may see.
type Tareas interface {
	Get(ctx context.Context, scope projections.Scope, idOrCodigo string) (tareas.Tarea, error)
	List(ctx context.Context, scope projections.Scope, f tareas.Filter) (tareas.List, error)
}

// Efectivos knows who is on duty, and where.
type Efectivos interface {
	Get(ctx context.Context, scope projections.Scope, id ident.Efectivo) (efectivos.Efectivo, error)
	List(ctx context.Context, scope projections.Scope, f efectivos.Filter) (efectivos.List, error)
}

// Waiter waits until a read model knows a position.
type Waiter interface {
	WaitFor(ctx context.Context, projection string, min eventstore.Position) error
}
