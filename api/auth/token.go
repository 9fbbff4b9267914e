package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// MaxTTL is the longest life of an access token.
const MaxTTL = 10 * time.Minute

const (
	tokenType   = "at+jwt" // RFC 9068
	alphabet    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	clockSkew   = 30 * time.Second
	maxToken    = 4096
	cacheSize   = 20_000
	cacheMaxAge = 5 * time.Second // a signature costs ~50 us to check; a busy client repeats its token
)

// header is everything that may stand in the header of our tokens: crit, b64,
// jwk, jku, x5u and the rest are unknown members and refused as such.
type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ"`
}

// claims are everything that a token says.
type claims struct {
	Issuer   string         `json:"iss"`
	Audience string         `json:"aud"`
	Subject  string         `json:"sub"`
	Issued   *int64         `json:"iat"`
	Expires  *int64         `json:"exp"`
	ID       string         `json:"jti"`
	Session  string         `json:"sid"`
	Version  int64          `json:"pv"`
	Rol      permiso.Rol    `json:"rol"`
	Efectivo ident.Efectivo `json:"efe,omitzero"`
	Limited  bool           `json:"lim,omitzero"` // good for nothing but setting a second factor up
}

// Issuer writes and verifies access tokens.
type Issuer struct {
	keys     *Keys
	issuer   string
	audience string
	ttl      time.Duration
	now      func() time.Time

	cache    *lru.Cache[[sha256.Size]byte, verified]
	standing *standings
}

type verified struct {
	identity Identity
	at       time.Time
}

// NewIssuer returns an Issuer that signs for one issuer and one audience.
func NewIssuer(keys *Keys, issuer, audience string, ttl time.Duration, now func() time.Time) (*Issuer, error) {
	if ttl <= 0 || ttl > MaxTTL {
		return nil, fmt.Errorf("access tokens live at most %s, not %s", MaxTTL, ttl)
	}
	if issuer == "" || audience == "" {
		return nil, errors.New("access tokens need an issuer and an audience")
	}
	cache, err := lru.New[[sha256.Size]byte, verified](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("make the cache of tokens: %w", err)
	}
	standing, err := newStandings(now)
	if err != nil {
		return nil, err
	}
	return &Issuer{
		keys: keys, issuer: issuer, audience: audience, ttl: ttl, now: now,
		cache: cache, standing: standing,
	}, nil
}

// Issue writes a token for id and returns it with its end; id.Exp is ignored.
func (i *Issuer) Issue(id Identity) (token string, exp time.Time, err error) {
	key, err := i.keys.signer()
	if err != nil {
		return "", exp, err
	}
	now := i.now()
	exp = now.Add(i.ttl).Truncate(time.Second)
	issued, expires := now.Unix(), exp.Unix()
	payload, err := json.Marshal(claims{
		Issuer: i.issuer, Audience: i.audience, Subject: string(id.Usuario), Issued: &issued, Expires: &expires,
		ID: uuid.NewString(), Session: id.Session, Version: id.Version, Rol: id.Rol, Efectivo: id.Efectivo,
		Limited: id.Limited,
	})
	if err != nil {
		return "", exp, fmt.Errorf("write a token: %w", err)
	}
	headers := jws.NewHeaders()
	for name, value := range map[string]any{jws.TypeKey: tokenType, jws.KeyIDKey: key.kid} {
		if err := headers.Set(name, value); err != nil {
			return "", exp, fmt.Errorf("write a token: %w", err)
		}
	}
	signed, err := jws.Sign(payload, jws.WithKey(jwa.EdDSA, key.private, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", exp, fmt.Errorf("sign a token: %w", err)
	}
	return string(signed), exp, nil
}

// Verify returns who a token speaks for, or ErrToken; ErrSinPermiso when it cannot be known
// whether the session was closed. Nothing in the answer says
// what was wrong; the cause does, for the log.
func (i *Issuer) Verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, ErrToken.Because(errors.New("longer than any of ours"))
	}
	sum, now := sha256.Sum256([]byte(token)), i.now()
	if v, ok := i.cache.Get(sum); ok && now.Sub(v.at) < cacheMaxAge && now.Before(v.identity.Exp) {
		return i.standing.check(ctx, v.identity)
	}
	id, err := i.verify(token, now)
	if err != nil {
		return Identity{}, ErrToken.Because(err)
	}
	i.cache.Add(sum, verified{identity: id, at: now})
	return i.standing.check(ctx, id)
}

func (i *Issuer) verify(token string, now time.Time) (id Identity, err error) {
	// The base64 decoder skips line breaks: a token has one writing, without them.
	if strings.ContainsFunc(token, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) {
		return id, errors.New("characters that no token has")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return id, fmt.Errorf("%d parts, not 3", len(parts))
	}
	var h header
	if err := part(parts[0], &h); err != nil {
		return id, fmt.Errorf("header: %w", err)
	}
	if h.Alg != "EdDSA" || h.Typ != tokenType {
		return id, fmt.Errorf("alg %q, typ %q", h.Alg, h.Typ)
	}
	public, ok := i.keys.public(h.Kid)
	if !ok {
		return id, errors.New("its key is not among ours")
	}
	// The strict decoder refuses spare bits, so a signature has one writing only.
	if _, err := base64.RawURLEncoding.Strict().DecodeString(parts[2]); err != nil {
		return id, fmt.Errorf("signature: %w", err)
	}
	if _, err := jws.Verify([]byte(token), jws.WithKey(jwa.EdDSA, public)); err != nil {
		return id, err
	}
	var c claims
	if err := part(parts[1], &c); err != nil {
		return id, fmt.Errorf("claims: %w", err)
	}
	return i.judge(c, now)
}

// judge checks what a correctly signed token claims.
func (i *Issuer) judge(c claims, now time.Time) (id Identity, err error) {
	switch {
	case c.Issuer != i.issuer:
		return id, errors.New("another issuer")
	case c.Audience != i.audience:
		return id, errors.New("another audience")
	case c.Issued == nil || c.Expires == nil:
		return id, errors.New("no iat or no exp")
	case c.ID == "" || c.Session == "":
		return id, errors.New("no jti or no sid")
	case !c.Rol.Valido():
		return id, errors.New("unknown rol")
	}
	issued, expires := time.Unix(*c.Issued, 0), time.Unix(*c.Expires, 0)
	switch {
	case !now.Before(expires):
		return id, errors.New("over")
	case issued.After(now.Add(clockSkew)):
		return id, errors.New("issued in the future")
	case !expires.After(issued), expires.Sub(issued) > MaxTTL:
		return id, errors.New("lives too long")
	}
	usuario, err := ident.Parse[ident.Usuario](c.Subject)
	if err != nil {
		return id, fmt.Errorf("sub: %w", err)
	}
	if c.Efectivo != "" {
		if c.Efectivo, err = ident.Parse[ident.Efectivo](string(c.Efectivo)); err != nil {
			return id, fmt.Errorf("efe: %w", err)
		}
	}
	return Identity{
		Autor:   permiso.Autor{Usuario: usuario, Rol: c.Rol, Efectivo: c.Efectivo},
		Session: c.Session, Version: c.Version, Limited: c.Limited, Exp: expires,
	}, nil
}

// part decodes one part of a compact token: base64url without padding or spare
// bits, JSON without unknown or repeated members or anything after it.
func part(text string, v any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v, json.RejectUnknownMembers(true))
}

// Watch makes Verify ask whether the session of a token is still open and its permission
// version the newest. Call it before the first Verify.
func (i *Issuer) Watch(s Standing) { i.standing.source = s }

// Patient lets Verify wait so long for an answer about a session that nothing is known of, and
// returns i; 0 changes nothing. Call it before the first Verify.
func (i *Issuer) Patient(d time.Duration) *Issuer {
	if d > 0 {
		i.standing.wait = d
	}
	return i
}

// End makes this process refuse the tokens of a session at once; elsewhere they are
// refused within StandingFor.
func (i *Issuer) End(session string) { i.standing.end(session) }

// Reload reads the directory of signing keys again.
func (i *Issuer) Reload() error { return i.keys.Reload() }

// JWKS returns the public keys as a JSON Web Key Set.
func (i *Issuer) JWKS() ([]byte, error) { return i.keys.JWKS() }
