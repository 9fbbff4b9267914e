package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// simClient speaks the public REST API as any other program would: it logs in,
// logs in again when its token ends, and repeats an order whose outcome it does
// not know under the same Idempotency-Key.
type simClient struct {
	base string
	who  credential
	http *http.Client

	position atomic.Int64 // of the newest order of ours: no read may be older

	mu    sync.Mutex // guards token; held while logging in, so that only one does
	token string
}

func newSimClient(base string, who credential) *simClient {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &simClient{base: strings.TrimRight(base, "/"), who: who, http: &http.Client{Timeout: 20 * time.Second, Transport: transport}}
}

// problemError is a refusal of the API.
type problemError struct {
	Status int    `json:"status"`
	Codigo string `json:"codigo"`
	Detail string `json:"detail"`
}

func (p *problemError) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Codigo, p.Detail) }

// codeOf names a failure in the summary.
func codeOf(err error) string {
	if p, ok := errors.AsType[*problemError](err); ok {
		return strings.TrimSpace(strconv.Itoa(p.Status) + " " + p.Codigo)
	}
	return "sin respuesta"
}

func statusOf(err error) int {
	if p, ok := errors.AsType[*problemError](err); ok {
		return p.Status
	}
	return 0
}

const simAttempts = 6

// do calls /api/v1 and reads the answer into out. What may be repeated is.
func (c *simClient) do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("write the body of %s: %w", path, err)
		}
	}
	key := uuid.NewString()
	var err error
	for attempt := range simAttempts {
		var wait time.Duration
		wait, err = c.once(ctx, method, path, key, body, out)
		if err == nil || wait < 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(wait, 100*time.Millisecond<<attempt)):
		}
	}
	return err
}

// once returns how long to wait before another attempt, -1 for none.
func (c *simClient) once(ctx context.Context, method, path, key string, body []byte, out any) (time.Duration, error) {
	token, err := c.login(ctx, "")
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return -1, fmt.Errorf("ask for %s: %w", path, err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		request.Header.Set("Idempotency-Key", key)
	} else if p := c.position.Load(); p > 0 {
		request.Header.Set("X-Gad-Min-Position", strconv.FormatInt(p, 10))
	}
	answer, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return -1, ctx.Err()
		}
		return 0, fmt.Errorf("call %s: %w", path, err)
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end or given up
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 8<<20))
	if err != nil {
		return 0, fmt.Errorf("read the answer of %s: %w", path, err)
	}
	if answer.StatusCode < 300 {
		if method != http.MethodGet {
			c.reached(answer.Header.Get("X-Gad-Position"))
		}
		if out == nil || len(raw) == 0 {
			return -1, nil
		}
		if err := json.Unmarshal(raw, out); err != nil {
			return -1, fmt.Errorf("understand the answer of %s: %w", path, err)
		}
		return -1, nil
	}
	problem := &problemError{Status: answer.StatusCode}
	_ = json.Unmarshal(raw, problem) // a proxy may answer something else; the status says enough
	problem.Status = answer.StatusCode
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		_, err := c.login(ctx, token)
		return 0, errors.Join(problem, err)
	case http.StatusConflict:
		// Our own first attempt, still under way; or others were faster, three times over.
		if problem.Codigo == "orden_en_curso" || problem.Codigo == "version_vencida" {
			return 0, problem
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return time.Duration(min(seconds, 30)) * time.Second, problem
	}
	return -1, problem
}

// reached remembers where the log stands after an order.
func (c *simClient) reached(text string) {
	p, err := strconv.ParseInt(text, 10, 64)
	for old := c.position.Load(); err == nil && p > old && !c.position.CompareAndSwap(old, p); {
		old = c.position.Load()
	}
}

// login returns a token that is not the one that ended.
func (c *simClient) login(ctx context.Context, ended string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && c.token != ended {
		return c.token, nil
	}
	c.token = ""
	body, err := json.Marshal(map[string]string{"email": c.who.Email, "password": c.who.Password})
	if err != nil {
		return "", fmt.Errorf("write the login: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/auth/login", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // read below
	var got struct {
		problemError
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&got); err != nil {
		return "", fmt.Errorf("read the answer of the login: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		got.Status = answer.StatusCode
		return "", fmt.Errorf("log in: %w", &got.problemError)
	}
	c.token = got.Token
	return c.token, nil
}

type simID struct {
	ID     string `json:"id"`
	Codigo string `json:"codigo"`
}

type simCercano struct {
	Efectivo  string  `json:"efectivo"`
	Distancia float64 `json:"distancia_m"`
}

// nearest lists available Efectivos, nearest first.
func (c *simClient) nearest(ctx context.Context, lat, lon float64) ([]simCercano, error) {
	q := url.Values{
		"lat": {strconv.FormatFloat(lat, 'f', 6, 64)}, "lon": {strconv.FormatFloat(lon, 'f', 6, 64)},
		"limite": {"20"}, "radio_m": {"50000"}, "disponibles": {"true"},
	}
	var list struct {
		Datos []simCercano `json:"datos"`
	}
	err := c.do(ctx, http.MethodGet, "/geo/cercanos?"+q.Encode(), nil, &list)
	return list.Datos, err
}
