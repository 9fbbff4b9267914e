package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/grupo-gad/gad/eventstore"
)

// reaction is what an error of the database means for a batch.
type reaction int

const (
	unknown   reaction = iota // the connection is gone: recorded or not
	lostRace                  // not recorded: somebody else moved the head
	guarded                   // not recorded: something is not as a command expects
	noRoom                    // not recorded: the log needs another partition
	transient                 // not recorded: may work in a moment
	poisoned                  // not recorded: something about a command cannot be stored
)

// react classifies by SQLSTATE. An ERROR ends the transaction before anybody could see it;
// FATAL and worse end the connection, and with it our knowledge.
func react(err error) reaction {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.SeverityUnlocalized != "ERROR" {
		return unknown
	}
	switch pg.Code {
	case "23502": // not null: a batch whose predecessor is missing
		if pg.TableName == "batches" && pg.ColumnName == "previous" {
			return lostRace
		}
		return poisoned
	case "23505", "23P01", "GAD01": // unique, exclusion, eventos.exigir
		if pg.TableName == "batches" {
			return lostRace
		}
		return guarded
	case "23514": // check: no partition for the row
		if pg.TableName == "log" {
			return noRoom
		}
		return poisoned
	case "55P03", "57014", "40001", "40P01", "25006", "25P02":
		return transient
	}
	switch pg.Code[:2] {
	case "08", "53", "57", "58": // connection, resources, intervention, system
		return transient
	}
	return poisoned
}

// away turns an error of a read into ErrUnavailable, except where the database said what is
// wrong with the question.
func away(doing string, err error) error {
	err = fmt.Errorf("%s: %w", doing, err)
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code[:2] {
		case "08", "53", "57", "58":
		default:
			return err
		}
	}
	return eventstore.ErrUnavailable.Because(err)
}

// retry runs a read again while the connection it was given proves dead: after a restart of
// the server every connection of the pool is, and each is found out by using it. A server
// that cannot be reached ends it.
func (s *Store) retry(ctx context.Context, read func() error) error {
	for left := s.pool.Stat().MaxConns(); ; left-- {
		err := read()
		if err == nil || left <= 0 || ctx.Err() != nil || !dead(err) {
			return err
		}
	}
}

// dead reports whether an error means that a connection is gone, after it was there.
func dead(err error) bool {
	var (
		pg      *pgconn.PgError
		connect *pgconn.ConnectError
	)
	switch {
	case errors.As(err, &connect), errors.Is(err, pgx.ErrNoRows):
		return false
	case errors.As(err, &pg):
		return pg.SeverityUnlocalized != "ERROR"
	}
	return pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}
