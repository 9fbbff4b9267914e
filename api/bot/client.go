package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mymmrac/telego"
	"github.com/mymmrac/telego/telegoapi"
)

const (
	pollTime    = 50 * time.Second // how long Telegram holds an empty answer
	callTimeout = 15 * time.Second
)

// client speaks to the Bot API. Its errors never contain the token, though the
// token is a part of every URL.
type client struct {
	*telego.Bot
	calls telegoapi.Caller
	base  string
}

// telego's default JSON library stalls for 180 ms at first use; the setting is global.
var standardJSON = sync.OnceFunc(func() {
	telego.SetJSONMarshal(json.Marshal)
	telego.SetJSONUnmarshal(json.Unmarshal)
})

// Breaker says whether Telegram is worth asking; ops/breaker does.
type Breaker interface {
	Allow() error
	Done(err error)
}

func newClient(token, apiURL string, breaker Breaker) (*client, error) {
	standardJSON()
	if apiURL == "" {
		apiURL = "https://api.telegram.org"
	}
	apiURL = strings.TrimRight(apiURL, "/")
	calls := quiet{telegoapi.HTTPCaller{Client: &http.Client{Timeout: pollTime + callTimeout}}, breaker}
	b, err := telego.NewBot(token, telego.WithAPIServer(apiURL), telego.WithAPICaller(calls), telego.WithDiscardLogger())
	if err != nil {
		return nil, fmt.Errorf("open the bot: %w", err)
	}
	return &client{Bot: b, calls: calls, base: apiURL + "/bot" + token + "/"}, nil
}

// CheckToken refuses what cannot be the token of a bot, without quoting it.
func CheckToken(token string) error {
	_, err := newClient(token, "", nil)
	return err
}

// quiet removes the URL, and with it the token, from errors, and asks nothing while Telegram
// has not answered lately.
type quiet struct {
	telegoapi.Caller
	breaker Breaker // nil: none
}

func (q quiet) Call(ctx context.Context, target string, data *telegoapi.RequestData) (*telegoapi.Response, error) {
	if q.breaker != nil {
		if err := q.breaker.Allow(); err != nil {
			return nil, fmt.Errorf("call telegram: %w", err)
		}
	}
	r, err := q.Caller.Call(ctx, target, data)
	if q.breaker != nil {
		q.breaker.Done(trouble(r, err))
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("call telegram: %w", e.Err)
	}
	return r, err
}

// trouble is what of a call was Telegram's own failure: it did not answer, or said so. What it
// refuses, and how long it asks us to be silent, are answers.
func trouble(r *telegoapi.Response, err error) error {
	if err == nil && r != nil && r.Error != nil && r.ErrorCode >= http.StatusInternalServerError {
		return r.Error
	}
	return err
}

// updates asks for the updates from offset on. They come undecoded: one that
// this build cannot read must not hold up the others.
func (c *client) updates(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{
		"offset": offset, "limit": 100, "timeout": int(pollTime / time.Second), "allowed_updates": wanted,
	})
	if err != nil {
		return nil, fmt.Errorf("ask for updates: %w", err)
	}
	r, err := c.calls.Call(ctx, c.base+"getUpdates", &telegoapi.RequestData{ContentType: telegoapi.ContentTypeJSON, BodyRaw: body})
	if err != nil {
		return nil, fmt.Errorf("get updates: %w", err)
	}
	if !r.Ok {
		return nil, fmt.Errorf("get updates: %w", r.Error)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(r.Result, &list); err != nil {
		return nil, fmt.Errorf("read updates: %w", err)
	}
	return list, nil
}

// retryAfter returns how long Telegram asked us to be silent, or 0.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*telegoapi.Error](err); ok && e.Parameters != nil {
		return time.Duration(e.Parameters.RetryAfter) * time.Second
	}
	return 0
}

// final reports whether Telegram will never take this message: the person
// blocked the bot, the chat is gone, the text is not acceptable.
func final(err error) bool {
	e, ok := errors.AsType[*telegoapi.Error](err)
	return ok && e.ErrorCode >= 400 && e.ErrorCode < 500 && e.ErrorCode != http.StatusTooManyRequests && e.ErrorCode != http.StatusConflict &&
		e.ErrorCode != http.StatusUnauthorized && e.ErrorCode != http.StatusNotFound
}
