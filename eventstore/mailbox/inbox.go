package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Receive stores updates that are not known yet and returns when they are
// durable. The slices run in parallel; chat 0 is for updates that belong to none.
func (m *Mailbox) Receive(ctx context.Context, ids, chats []int64, bodies [][]byte) error {
	if len(ids) != len(chats) || len(ids) != len(bodies) {
		return fmt.Errorf("store updates: %d numbers, %d chats, %d bodies", len(ids), len(chats), len(bodies))
	}
	_, err := m.pool.Exec(ctx, `insert into buzon.entrada (update_id, chat, cuerpo)
		select u.id, u.chat, u.body from unnest($1::bigint[], $2::bigint[], $3::bytea[]) with ordinality as u (id, chat, body, n)
		order by u.n on conflict (update_id) do nothing`, ids, chats, bodies)
	if err != nil {
		return fmt.Errorf("store %d updates: %w", len(ids), err)
	}
	return nil
}

// takeUpdate looks only at the first pending update of each chat: what stands
// behind one that is leased, or waits, is not ready. skip locked lets others take
// at the same time; a row they took meanwhile fails the conditions when it is
// looked at again under its lock.
const takeUpdate = `update buzon.entrada set libre = clock_timestamp() + $1, cerca = cerca + 1, intentos = intentos + 1
	where update_id = (
		select p.update_id from buzon.entrada p
		where p.hecho is null and p.libre <= clock_timestamp()
		and not exists (select from buzon.entrada q where q.chat = p.chat and q.hecho is null and q.orden < p.orden)
		order by p.orden limit 1 for update skip locked)
	returning update_id, cuerpo, intentos - 1, cerca`

// Take leases the oldest unhandled update of some chat of which no update is
// leased or deferred; id 0 means that there is none. attempts counts the
// earlier leases of this update.
func (m *Mailbox) Take(ctx context.Context, lease time.Duration) (id int64, body []byte, attempts int, err error) {
	var fence int64
	err = m.pool.QueryRow(ctx, takeUpdate, lease).Scan(&id, &body, &attempts, &fence)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, 0, nil
	}
	if err != nil {
		return 0, nil, 0, fmt.Errorf("take an update: %w", err)
	}
	m.updates.put(id, fence)
	return id, body, attempts, nil
}

// Done records that an update was handled, for ever.
func (m *Mailbox) Done(ctx context.Context, id int64) error {
	_, err := m.pool.Exec(ctx, `update buzon.entrada set hecho = clock_timestamp(), cuerpo = null, error = ''
		where update_id = $1 and cerca = $2 and hecho is null`, id, m.updates.drop(id))
	if err != nil {
		return fmt.Errorf("mark update %d as done: %w", id, err)
	}
	return nil
}

// Defer gives a leased update back, not to be taken before the wait is over;
// younger updates of its chat wait behind it.
func (m *Mailbox) Defer(ctx context.Context, id int64, wait time.Duration, why string) error {
	_, err := m.pool.Exec(ctx, `update buzon.entrada set libre = clock_timestamp() + $3, error = $4
		where update_id = $1 and cerca = $2 and hecho is null`, id, m.updates.drop(id), wait, storable(why))
	if err != nil {
		return fmt.Errorf("defer update %d: %w", id, err)
	}
	return nil
}
