package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/eventstore"
)

// channel carries the last position of a batch. It only wakes: nobody relies on it.
const channel = "eventos"

// announceEvery bounds how often batches are announced. A notification takes a lock of the
// whole cluster and wakes a session of every process: in the append's own transaction it cost
// a third of it.
const announceEvery = 2 * time.Millisecond

// announce tells other processes that the log has grown. It does not wait, and batches that
// are committed meanwhile are announced together.
func (s *Store) announce(p eventstore.Position) {
	s.grown.Store(int64(p))
	select {
	case s.tell <- struct{}{}:
	default:
	}
}

// announcer sends announcements until ctx ends. One that is lost costs the others pollEvery.
func (s *Store) announcer(ctx context.Context) error {
	var conn *pgx.Conn
	defer func() { closeConn(conn) }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.tell:
		}
		var err error
		if conn == nil {
			conn, err = s.open(ctx, "gad announcer", map[string]string{"synchronous_commit": "off"}, nil)
		}
		if err == nil {
			_, err = conn.Exec(ctx, "select pg_notify($1, $2)", channel, strconv.FormatInt(s.grown.Load(), 10))
		}
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the log's growth is not announced", slog.Any("error", err))
			closeConn(conn)
			conn = nil
			wait(ctx, nil, time.Second)
		}
		wait(ctx, nil, announceEvery)
	}
}

// listen hands on announcements until ctx ends. A lost connection is opened again; meanwhile
// the feed polls.
func (s *Store) listen(ctx context.Context, announced chan eventstore.Position) {
	for ctx.Err() == nil {
		if err := s.listenOnce(ctx, announced); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "announcements of the log are not heard", slog.Any("error", err))
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (s *Store) listenOnce(ctx context.Context, announced chan eventstore.Position) error {
	conn, err := s.open(ctx, "gad follower", nil, nil)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait for announcements: %w", err)
		}
		p, ok := position(n.Payload)
		if !ok {
			continue
		}
		select { // the newest one counts
		case <-announced:
		default:
		}
		announced <- p
	}
}

// closeConn ends a connection, if there is one.
func closeConn(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// position reads what the channel carries.
func position(payload string) (eventstore.Position, bool) {
	n, err := strconv.ParseInt(payload, 10, 64)
	return eventstore.Position(n), err == nil
}
