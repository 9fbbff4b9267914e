// Package bottest is a Bot API server for tests: real HTTP, the offsets of
// getUpdates, message numbers, refusals with retry_after, and a memory of what
// the bot said.
//
// It keeps Telegram's promise and no more: an update is sent again until a call
// of getUpdates asks beyond it.
package bottest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Token is the bot's; every call must carry it.
const Token = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"

// Call is something the bot asked for.
type Call struct {
	Method  string
	Chat    int64
	Message int // its number: given to a new one, named by an edit
	Text    string
	Buttons []Button // inline
	Menu    []string // reply keyboard
	Raw     json.RawMessage
	At      time.Time
}

// Button is an inline button of a message.
type Button struct{ Text, Data string }

// Refusal is what a call is answered instead.
type Refusal struct {
	Status     int
	RetryAfter int // s
}

// Server is the fake. The zero Server is not usable: Start it.
type Server struct {
	URL string

	http    *httptest.Server
	mu      sync.Mutex // guards what follows
	changed chan struct{}
	updates []update
	next    int64
	message int
	calls   []Call
	refuse  map[string][]Refusal
}

type update struct {
	id  int64
	raw json.RawMessage
}

// Start runs a Server until Close.
func Start() *Server {
	s := &Server{changed: make(chan struct{}), next: 1000, message: 500, refuse: map[string][]Refusal{}}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close ends the Server and every call that waits in it.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Refuse answers the next calls of a method with errors, one each.
func (s *Server) Refuse(method string, list ...Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[method] = append(s.refuse[method], list...)
}

// Push sends an update to the bot and returns its number.
func (s *Server) Push(content map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	content["update_id"] = s.next
	raw, err := json.Marshal(content)
	if err != nil {
		panic(err) // a test wrote what JSON has no form for
	}
	s.updates = append(s.updates, update{s.next, raw})
	s.signal()
	return s.next
}

// Private returns what every update of a private chat has.
func Private(account int64) (from, chat map[string]any) {
	return map[string]any{"id": account, "is_bot": false, "first_name": "Prueba"},
		map[string]any{"id": account, "type": "private"}
}

// Text sends a message from an account in its private chat.
func (s *Server) Text(account int64, text string) int64 {
	from, chat := Private(account)
	return s.Push(map[string]any{"message": map[string]any{
		"message_id": s.number(), "date": time.Now().Unix(), "from": from, "chat": chat, "text": text,
	}})
}

// Press presses an inline button of a message.
func (s *Server) Press(account int64, message int, data string) int64 {
	from, chat := Private(account)
	return s.Push(map[string]any{"callback_query": map[string]any{
		"id": fmt.Sprint(s.number()), "from": from, "chat_instance": "1", "data": data,
		"message": map[string]any{"message_id": message, "date": time.Now().Unix(), "chat": chat, "text": "x"},
	}})
}

// Live shares a live location: the first message, then its edits.
func (s *Server) Live(account int64, lat, lon float64, at time.Time, edit bool) int64 {
	from, chat := Private(account)
	m := map[string]any{
		"message_id": 77, "date": at.Unix(), "from": from, "chat": chat,
		"location": map[string]any{"latitude": lat, "longitude": lon, "live_period": 3600, "horizontal_accuracy": 12.5, "heading": 90},
	}
	if edit {
		m["edit_date"] = at.Unix()
		return s.Push(map[string]any{"edited_message": m})
	}
	return s.Push(map[string]any{"message": m})
}

// Calls lists what the bot asked for with one of the methods, in order.
func (s *Server) Calls(methods ...string) []Call {
	list, _ := s.look(methods)
	return list
}

// look lists the calls and returns a channel that is closed at the next one.
func (s *Server) look(methods []string) ([]Call, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls {
		for _, m := range methods {
			if c.Method == m {
				list = append(list, c)
			}
		}
	}
	return list, s.changed
}

// Await waits until what the bot said satisfies ok, and returns it.
func (s *Server) Await(timeout time.Duration, ok func([]Call) bool, methods ...string) ([]Call, bool) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for {
		list, changed := s.look(methods)
		if ok(list) {
			return list, true
		}
		select {
		case <-changed:
		case <-deadline.C:
			return list, false
		}
	}
}

// Unacknowledged counts the updates that the bot has not asked beyond.
func (s *Server) Unacknowledged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates)
}

func (s *Server) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.message++
	return s.message
}

func (s *Server) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+Token+"/")
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]any{"ok": false, "error_code": 401, "description": "Unauthorized"})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if refusal, ok := s.refusal(method); ok {
		problem := map[string]any{"ok": false, "error_code": refusal.Status, "description": http.StatusText(refusal.Status)}
		if refusal.RetryAfter > 0 {
			problem["parameters"] = map[string]any{"retry_after": refusal.RetryAfter}
		}
		answer(w, refusal.Status, problem)
		return
	}
	if method == "getUpdates" {
		s.getUpdates(w, r, body)
		return
	}
	answer(w, http.StatusOK, map[string]any{"ok": true, "result": s.record(method, body)})
}

func (s *Server) refusal(method string) (Refusal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.refuse[method]
	if len(list) == 0 {
		return Refusal{}, false
	}
	s.refuse[method] = list[1:]
	return list[0], true
}

func (s *Server) getUpdates(w http.ResponseWriter, r *http.Request, body []byte) {
	var ask struct {
		Offset  int64 `json:"offset"`
		Limit   int   `json:"limit"`
		Timeout int   `json:"timeout"`
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"ok": false, "error_code": 400, "description": err.Error()})
		return
	}
	hold := time.NewTimer(time.Duration(ask.Timeout) * time.Second)
	defer hold.Stop()
	for {
		s.mu.Lock()
		for ask.Offset > 0 && len(s.updates) > 0 && s.updates[0].id < ask.Offset {
			s.updates = s.updates[1:]
		}
		list := []json.RawMessage{}
		for _, u := range s.updates[:min(len(s.updates), max(1, ask.Limit))] {
			list = append(list, u.raw)
		}
		changed := s.changed
		s.mu.Unlock()
		if len(list) > 0 {
			answer(w, http.StatusOK, map[string]any{"ok": true, "result": list})
			return
		}
		select {
		case <-changed:
		case <-hold.C:
			answer(w, http.StatusOK, map[string]any{"ok": true, "result": list})
			return
		case <-r.Context().Done():
			return
		}
	}
}

// record keeps a call and returns its result.
func (s *Server) record(method string, body []byte) any {
	var params struct {
		Chat    int64  `json:"chat_id"`
		Message int    `json:"message_id"`
		Text    string `json:"text"`
		Markup  struct {
			Inline [][]struct {
				Text string `json:"text"`
				Data string `json:"callback_data"`
			} `json:"inline_keyboard"`
			Keyboard [][]struct {
				Text string `json:"text"`
			} `json:"keyboard"`
		} `json:"reply_markup"`
	}
	_ = json.Unmarshal(body, &params) // other methods have other parameters; Raw has them
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Call{Method: method, Chat: params.Chat, Message: params.Message, Text: params.Text, Raw: body, At: time.Now()}
	for _, row := range params.Markup.Inline {
		for _, b := range row {
			c.Buttons = append(c.Buttons, Button(b))
		}
	}
	for _, row := range params.Markup.Keyboard {
		for _, b := range row {
			c.Menu = append(c.Menu, b.Text)
		}
	}
	defer s.signal()
	if method != "sendMessage" && method != "editMessageText" {
		s.calls = append(s.calls, c)
		return true
	}
	if method == "sendMessage" {
		s.message++
		c.Message = s.message
	}
	s.calls = append(s.calls, c)
	return map[string]any{
		"message_id": c.Message, "date": time.Now().Unix(), "text": c.Text,
		"chat": map[string]any{"id": c.Chat, "type": "private"},
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the bot went away; it will ask again
}
