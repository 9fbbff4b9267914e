package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/sesion"
)

// The limits of what Telegram says of somebody.
const (
	maxInitData = 8 << 10
	initDataFor = 5 * time.Minute
	initSkew    = 30 * time.Second
)

// TelegramKey is what the door needs of a bot's token, and all: HMAC-SHA256 of the token
// under "WebAppData". The token itself stays with the bot.
func TelegramKey(token string) []byte {
	mac := hmac.New(sha256.New, []byte("WebAppData"))
	mac.Write([]byte(token))
	return mac.Sum(nil)
}

// InitData is what Telegram vouches for.
type InitData struct {
	Account int64 // the numeric id; names change hands
	At      time.Time
	Hash    [sha256.Size]byte // of this very statement, which is good once
}

// ParseInitData checks initData of a Mini App as it arrived: the seal over every field but
// hash, each field once, at most five minutes old. Nothing in it is believed before that.
func ParseInitData(raw string, key []byte, now time.Time) (InitData, error) {
	var d InitData
	if len(raw) > maxInitData || len(key) != sha256.Size {
		return d, errors.New("too long, or there is no key")
	}
	fields, err := initFields(raw)
	if err != nil {
		return d, err
	}
	given, err := hex.DecodeString(fields["hash"])
	if err != nil || len(given) != sha256.Size || strings.ToLower(fields["hash"]) != fields["hash"] {
		return d, errors.New("its hash is none")
	}
	lines := make([]string, 0, len(fields))
	for name, value := range fields {
		if name != "hash" {
			lines = append(lines, name+"="+value)
		}
	}
	slices.Sort(lines)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join(lines, "\n")))
	if !hmac.Equal(mac.Sum(nil), given) {
		return d, errors.New("its hash is another")
	}
	copy(d.Hash[:], given)
	return d, d.judge(fields, now)
}

// initFields splits initData; a field that stands twice could mean one thing to the seal
// and another to us.
func initFields(raw string) (map[string]string, error) {
	fields := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, errors.New("a field has no value")
		}
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || name == "" {
			return nil, errors.New("a field cannot be read")
		}
		// A line break would let one field pretend to be two under the seal.
		if strings.ContainsAny(name, "\n=") || strings.Contains(value, "\n") {
			return nil, errors.New("a field has a line break")
		}
		if _, twice := fields[name]; twice {
			return nil, errors.New("a field stands twice")
		}
		fields[name] = value
	}
	return fields, nil
}

// judge reads what was sealed.
func (d *InitData) judge(fields map[string]string, now time.Time) error {
	at, err := strconv.ParseInt(fields["auth_date"], 10, 64)
	if err != nil || at <= 0 || strconv.FormatInt(at, 10) != fields["auth_date"] {
		return errors.New("auth_date is no instant")
	}
	d.At = time.Unix(at, 0)
	switch {
	case now.Sub(d.At) > initDataFor:
		return errors.New("too old")
	case d.At.Sub(now) > initSkew:
		return errors.New("from the future")
	}
	var user struct {
		ID    int64 `json:"id"`
		IsBot bool  `json:"is_bot"`
	}
	if err := json.Unmarshal([]byte(fields["user"]), &user); err != nil {
		return fmt.Errorf("user: %w", err)
	}
	if user.ID <= 0 || user.IsBot {
		return errors.New("user is nobody")
	}
	d.Account = user.ID
	return nil
}

// Telegram lets somebody in whom Telegram vouches for and whose account is linked. One
// statement opens one session.
func (d *Door) Telegram(ctx context.Context, raw, code string, c Client) (Tokens, error) {
	if err := d.countBlock(ctx, c); err != nil {
		return Tokens{}, err
	}
	data, err := ParseInitData(raw, *d.telegram.Load(), d.Now())
	if err != nil {
		return Tokens{}, ErrTelegram.Because(err)
	}
	// Whoever has a second factor shows it with the same statement: it is used up only by
	// what may get in.
	id, known, err := d.Directory.ByTelegram(ctx, data.Account)
	switch {
	case err != nil:
		return Tokens{}, fmt.Errorf("look an account up: %w", err)
	case !known:
		return Tokens{}, ErrSinVinculo
	}
	if code == "" {
		if _, active, err := d.Kept.Second(ctx, string(id)); err != nil {
			return Tokens{}, fmt.Errorf("read a second factor: %w", err)
		} else if active {
			return Tokens{}, ErrFaltaSegundo
		}
	}
	first, err := d.Kept.See(ctx, data.Hash[:], data.At.Add(initDataFor+initSkew))
	switch {
	case err != nil:
		return Tokens{}, fmt.Errorf("use a statement up: %w", err)
	case !first:
		return Tokens{}, ErrTelegram.Because(errors.New("used before"))
	}
	return d.enter(ctx, id, sesion.PorTelegram, code, c)
}
