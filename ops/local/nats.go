package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// NATSOptions says where an embedded NATS server keeps its streams and who can reach it.
type NATSOptions struct {
	// Dir is shared by the private servers of one gad; this one uses Dir/nats.
	Dir string
	// Port 0 listens nowhere: only Conn reaches the server. -1 takes a free loopback port,
	// any other number that loopback port.
	Port int
	// MaxStore bounds the bytes of all streams on disk; 0 leaves it to the free space.
	MaxStore int64
	// Log receives the server's warnings and errors; nil is silence.
	Log *slog.Logger
}

// NATS is an embedded server with JetStream, which lives in this process.
type NATS struct {
	server *server.Server
	listen bool
	stop   sync.Once
	lock   *lock
}

// StartNATS returns when the server is ready. Unlike the other servers it is part of this
// process and dies with it; JetStream then recovers its streams at the next start.
func StartNATS(opts NATSOptions) (*NATS, error) {
	home, err := place(opts.Dir, "nats", nil)
	if err != nil {
		return nil, err
	}
	held, err := acquireSoon(context.Background(), filepath.Join(home, "lock"))
	if err != nil {
		return nil, err
	}
	srv, err := server.NewServer(&server.Options{
		ServerName:        "gad",
		Host:              "127.0.0.1",
		Port:              opts.Port,
		DontListen:        opts.Port == 0,
		JetStream:         true,
		StoreDir:          home,
		JetStreamMaxStore: opts.MaxStore,
		MaxPayload:        8 << 20, // a fact is one message; the default of 1 MiB is near the largest Zona
		NoSigs:            true,    // signals are for cmd
		NoLog:             opts.Log == nil,
	})
	if err != nil {
		held.release()
		return nil, fmt.Errorf("configure embedded NATS: %w", err)
	}
	if opts.Log != nil {
		srv.SetLoggerV2(natsLog{opts.Log}, false, false, false)
	}
	srv.Start()
	if !srv.ReadyForConnections(time.Minute) {
		srv.Shutdown()
		held.release()
		return nil, errors.New("start embedded NATS: not ready after a minute")
	}
	return &NATS{server: srv, listen: opts.Port != 0, lock: held}, nil
}

// Conn connects within the process, without a socket.
func (n *NATS) Conn(opts ...nats.Option) (*nats.Conn, error) {
	conn, err := nats.Connect(nats.DefaultURL, append(opts, nats.InProcessServer(n.server))...)
	if err != nil {
		return nil, fmt.Errorf("connect to embedded NATS: %w", err)
	}
	return conn, nil
}

// URL addresses the server for other processes; it is empty when the server listens nowhere.
func (n *NATS) URL() string {
	if !n.listen {
		return ""
	}
	return n.server.ClientURL()
}

// Stop ends the server and returns when its streams are closed. It may be called twice.
func (n *NATS) Stop() {
	n.stop.Do(func() {
		n.server.Shutdown()
		n.server.WaitForShutdown()
		n.lock.release()
	})
}

// natsLog passes on what an operator should see; the rest is noise to everybody else.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(string, ...any) {}
func (l natsLog) Debugf(string, ...any)  {}
func (l natsLog) Tracef(string, ...any)  {}

func (l natsLog) Warnf(format string, v ...any)  { l.say(slog.LevelWarn, format, v) }
func (l natsLog) Errorf(format string, v ...any) { l.say(slog.LevelError, format, v) }
func (l natsLog) Fatalf(format string, v ...any) { l.say(slog.LevelError, format, v) }

func (l natsLog) say(level slog.Level, format string, v []any) {
	l.log.Log(context.Background(), level, "nats server", slog.String("says", fmt.Sprintf(format, v...)))
}
