package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Enqueue stores a message once per key and returns when it is durable. Of those that are due
// the one of the highest urgency goes first, then the oldest.
func (m *Mailbox) Enqueue(ctx context.Context, key string, chat int64, urgency int16, body []byte) error {
	_, err := m.pool.Exec(ctx, `insert into buzon.salida (clave, chat, urgencia, cuerpo) values ($1, $2, $3, $4) on conflict (clave) do nothing`,
		key, chat, urgency, body)
	if err != nil {
		return fmt.Errorf("queue message %s: %w", key, err)
	}
	return nil
}

const takeMessage = `update buzon.salida set libre = clock_timestamp() + $1, cerca = cerca + 1, intentos = intentos + 1
	where id = (
		select p.id from buzon.salida p
		where p.hecho is null and p.libre <= clock_timestamp()
		and not exists (select from buzon.salida q where q.chat = p.chat and q.hecho is null
			and (q.urgencia > p.urgencia or q.urgencia = p.urgencia and q.id < p.id))
		order by p.urgencia desc, p.id limit 1 for update skip locked)
	returning id, chat, cuerpo, intentos - 1, cerca`

// TakeMessage leases the next message that is due, one per chat and urgency at a time; id
// 0 means that there is none. attempts counts its earlier leases.
func (m *Mailbox) TakeMessage(ctx context.Context, lease time.Duration) (id, chat int64, body []byte, attempts int, err error) {
	var fence int64
	err = m.pool.QueryRow(ctx, takeMessage, lease).Scan(&id, &chat, &body, &attempts, &fence)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, nil, 0, nil
	}
	if err != nil {
		return 0, 0, nil, 0, fmt.Errorf("take a message: %w", err)
	}
	m.messages.put(id, fence)
	return id, chat, body, attempts, nil
}

// Sent records that Telegram took a message.
func (m *Mailbox) Sent(ctx context.Context, id int64) error { return m.end(ctx, id, false, "") }

// Refused records that Telegram never will: the chat goes on without it.
func (m *Mailbox) Refused(ctx context.Context, id int64, why string) error {
	return m.end(ctx, id, true, why)
}

func (m *Mailbox) end(ctx context.Context, id int64, refused bool, why string) error {
	_, err := m.pool.Exec(ctx, `update buzon.salida set hecho = clock_timestamp(), cuerpo = null, rechazado = $3, error = $4
		where id = $1 and cerca = $2 and hecho is null`, id, m.messages.drop(id), refused, storable(why))
	if err != nil {
		return fmt.Errorf("end message %d: %w", id, err)
	}
	return nil
}

// Postpone gives a message back for another attempt after the wait; younger
// messages to its chat that are no more urgent wait behind it.
func (m *Mailbox) Postpone(ctx context.Context, id int64, wait time.Duration, why string) error {
	_, err := m.pool.Exec(ctx, `update buzon.salida set libre = clock_timestamp() + $3, error = $4
		where id = $1 and cerca = $2 and hecho is null`, id, m.messages.drop(id), wait, storable(why))
	if err != nil {
		return fmt.Errorf("postpone message %d: %w", id, err)
	}
	return nil
}

// Cursor returns how far a consumer of facts has come, or false before it saved
// anything.
func (m *Mailbox) Cursor(ctx context.Context, name string) (position int64, ok bool, err error) {
	err = m.pool.QueryRow(ctx, `select posicion from buzon.posiciones where consumidor = $1`, name).Scan(&position)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read the cursor of %s: %w", name, err)
	}
	return position, true, nil
}

// BeginCursor sets where a consumer begins unless it has begun already, and returns where it
// stands: of two processes that begin at once, one sets it and both get that.
func (m *Mailbox) BeginCursor(ctx context.Context, name string, at int64) (position int64, err error) {
	_, err = m.pool.Exec(ctx, `insert into buzon.posiciones (consumidor, posicion) values ($1, $2) on conflict (consumidor) do nothing`, name, at)
	if err != nil {
		return 0, fmt.Errorf("begin the cursor of %s: %w", name, err)
	}
	position, _, err = m.Cursor(ctx, name)
	return position, err
}

// SaveCursor moves a consumer forwards. Save it after the messages of the facts
// before it are queued; an older position changes nothing.
func (m *Mailbox) SaveCursor(ctx context.Context, name string, position int64) error {
	_, err := m.pool.Exec(ctx, `insert into buzon.posiciones as p (consumidor, posicion) values ($1, $2)
		on conflict (consumidor) do update set posicion = excluded.posicion where p.posicion < excluded.posicion`, name, position)
	if err != nil {
		return fmt.Errorf("save the cursor of %s: %w", name, err)
	}
	return nil
}
