package live

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/olahol/melody"

	"github.com/grupo-gad/gad/api/problem"
)

// sockets turns requests into sessions. It is the only place that knows melody,
// and these are its traps: it accepts every Origin by default; Write returns nil
// when it drops a frame; what is written inside HandleConnect beyond the buffer
// is lost; closing from HandleError on a full buffer recurses without end; the
// inbound cap is 512 bytes; its broadcasts hold the hub's lock or stop at the
// first closed session; after Close its Len is 0 while sessions are still open.
type sockets struct {
	melody *melody.Melody
	open   sync.WaitGroup // sessions whose goroutines still run
}

// socketHandlers is what sockets calls. All get the value that opened returned.
type socketHandlers struct {
	opened  func(r *http.Request, l link, protocol string) any
	message func(session any, frame []byte, binary bool)
	sent    func(session any)
	pinged  func(session any)
	closed  func(session any)
	refused func(w http.ResponseWriter, r *http.Request, why error) // no request for a socket
}

const keySession = "gad"

func newSockets(l Limits, h socketHandlers) *sockets {
	m := melody.New()
	m.Upgrader = &websocket.Upgrader{
		ReadBufferSize: 1024, WriteBufferSize: 4096,
		Subprotocols: []string{ProtocolJSON, ProtocolCBOR},
		// Hub.ServeHTTP has refused strangers already; this keeps it so if it is bypassed.
		CheckOrigin: func(r *http.Request) bool { return r.Context().Value(originChecked{}) != nil },
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			if status < http.StatusInternalServerError {
				reason = problem.ErrPeticion.Because(reason)
			}
			h.refused(w, r, reason)
		},
	}
	m.Config.WriteWait = l.WriteWait
	m.Config.MessageBufferSize = 2 * inFlight
	// Frames beyond our own cap are answered with 1009; this one only protects memory.
	m.Config.MaxMessageSize = int64(max(16*l.Inbound, 64<<10))
	// The heartbeat is the protocol's own.
	m.Config.PongWait = 365 * 24 * time.Hour
	m.Config.PingPeriod = 365 * 24 * time.Hour

	s := &sockets{melody: m}
	m.HandleConnect(func(ms *melody.Session) {
		l := &socket{session: ms, binary: ms.WebsocketConnection().Subprotocol() == ProtocolCBOR, wait: l.WriteWait, gone: make(chan struct{})}
		session := h.opened(ms.Request, l, ms.WebsocketConnection().Subprotocol())
		ms.WebsocketConnection().SetPingHandler(func(data string) error {
			h.pinged(session)
			return ms.WebsocketConnection().WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		})
		ms.Set(keySession, session)
		ms.Set(keySession+".socket", l)
	})
	m.HandleMessage(func(ms *melody.Session, frame []byte) { h.message(ms.MustGet(keySession), frame, false) })
	m.HandleMessageBinary(func(ms *melody.Session, frame []byte) { h.message(ms.MustGet(keySession), frame, true) })
	m.HandleSentMessage(func(ms *melody.Session, _ []byte) { h.sent(ms.MustGet(keySession)) })
	m.HandleSentMessageBinary(func(ms *melody.Session, _ []byte) { h.sent(ms.MustGet(keySession)) })
	m.HandleError(func(ms *melody.Session, err error) {
		if err == melody.ErrMessageBufferFull { //nolint:errorlint // melody hands out the very value
			// Cannot happen while inFlight is below the buffer; a frame was lost, so
			// the session must not go on.
			go ms.MustGet(keySession + ".socket").(*socket).Abort()
		}
	})
	m.HandleDisconnect(func(ms *melody.Session) {
		close(ms.MustGet(keySession + ".socket").(*socket).gone)
		h.closed(ms.MustGet(keySession))
	})
	return s
}

type originChecked struct{}

// serve upgrades a request and returns when its session is over. The caller
// counts it in open.
func (s *sockets) serve(w http.ResponseWriter, r *http.Request) error {
	return s.melody.HandleRequest(corkWriter{w}, r)
}

// socket is a link over one melody session.
type socket struct {
	session *melody.Session
	binary  bool
	wait    time.Duration
	gone    chan struct{} // closed when the session is over
	closing sync.Once
}

// Send implements link.
func (s *socket) Send(frame []byte) error {
	if s.binary {
		return s.session.WriteBinary(frame)
	}
	return s.session.Write(frame)
}

// Close implements link. The close frame goes past melody's queue, and the
// reader lives on until the peer answers: closing at once could destroy what the
// peer has not read yet, the code included.
func (s *socket) Close(code int, reason string) {
	go s.closing.Do(func() {
		conn := s.session.WebsocketConnection()
		if conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(s.wait)) == nil {
			select {
			case <-s.gone:
				return
			case <-time.After(2 * time.Second):
			}
		}
		_ = conn.Close() // nothing is left to say
	})
}

// Abort implements link.
func (s *socket) Abort() { _ = s.session.WebsocketConnection().Close() }
