package bot

import (
	"encoding/json"
	"time"

	"github.com/mymmrac/telego"
)

// wanted are the kinds of update asked of Telegram.
var wanted = []string{"message", "edited_message", "callback_query"}

// buttonPrefix begins the data of our buttons, so that another program's are not looked up.
const buttonPrefix = "b:"

// update is what the inbox keeps of a Telegram update: what is needed to handle
// it. Names, pictures and the rest of the message are not kept.
type update struct {
	ID       int64     `json:"id"`
	Chat     int64     `json:"chat"` // private, so it is the account as well
	Recibido time.Time `json:"recibido"`
	Text     string    `json:"text,omitzero"`
	Button   string    `json:"button,omitzero"`   // our opaque id
	Callback string    `json:"callback,omitzero"` // Telegram's, to be answered
	Message  int       `json:"message,omitzero"`  // that carries the button
	Place    *place    `json:"place,omitzero"`
}

// place is one position shared by a telephone.
type place struct {
	Lat       float64   `json:"lat"`
	Lon       float64   `json:"lon"`
	Precision float64   `json:"precision,omitzero"` // m
	Rumbo     float64   `json:"rumbo,omitzero"`     // degrees, 0 unknown
	En        time.Time `json:"en"`
	Live      bool      `json:"live,omitzero"`
	First     bool      `json:"first,omitzero"` // the message that began to share
}

// maxText bounds what the inbox keeps of a text; no command is longer.
const maxText = 512

// reduce decodes an update. It returns false for what the bot does not act on:
// groups and channels, forwarded messages, other bots, edits of texts.
func reduce(raw json.RawMessage, now time.Time) (u update, ok bool, err error) {
	var in telego.Update
	if err := json.Unmarshal(raw, &in); err != nil {
		return u, false, err
	}
	u = update{ID: int64(in.UpdateID), Recibido: now.UTC().Truncate(time.Millisecond)}
	switch {
	case in.Message != nil:
		m := in.Message
		if !ours(m) {
			return u, false, nil
		}
		u.Chat = m.Chat.ID
		if m.Location != nil && m.Venue == nil {
			u.Place = placeOf(m.Location, m.Date)
			u.Place.First = true
			return u, true, nil
		}
		u.Text = m.Text
		if len(u.Text) > maxText {
			u.Text = u.Text[:maxText]
		}
		return u, u.Text != "", nil
	case in.EditedMessage != nil:
		m := in.EditedMessage
		if !ours(m) || m.Location == nil || m.Location.LivePeriod == 0 {
			return u, false, nil
		}
		u.Chat, u.Place = m.Chat.ID, placeOf(m.Location, m.EditDate)
		return u, true, nil
	case in.CallbackQuery != nil:
		q := in.CallbackQuery
		if q.From.IsBot || q.Message == nil || len(q.Data) <= len(buttonPrefix) || q.Data[:len(buttonPrefix)] != buttonPrefix {
			return u, false, nil
		}
		// A private chat has the number of the account that talks in it.
		if chat := q.Message.GetChat(); chat.ID != q.From.ID {
			return u, false, nil
		}
		u.Chat, u.Button, u.Callback, u.Message = q.From.ID, q.Data[len(buttonPrefix):], q.ID, q.Message.GetMessageID()
		return u, true, nil
	}
	return u, false, nil
}

func ours(m *telego.Message) bool {
	return m.Chat.Type == telego.ChatTypePrivate && m.From != nil && !m.From.IsBot && m.From.ID == m.Chat.ID &&
		m.ForwardOrigin == nil && m.SenderChat == nil && m.ViaBot == nil
}

func placeOf(l *telego.Location, unix int64) *place {
	return &place{
		Lat: l.Latitude, Lon: l.Longitude, Precision: l.HorizontalAccuracy, Rumbo: float64(l.Heading),
		En: time.Unix(unix, 0).UTC(), Live: l.LivePeriod > 0,
	}
}
