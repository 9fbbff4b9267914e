package auth_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/permiso"
)

// clock is a clock that a test moves.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time          { return start.Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type bench struct {
	dir    string
	clock  *clock
	keys   *auth.Keys
	issuer *auth.Issuer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{dir: filepath.Join(t.TempDir(), "keys"), clock: &clock{}}
	var err error
	if b.keys, err = auth.LoadKeys(b.dir, true, b.clock.now); err != nil {
		t.Fatal(err)
	}
	if b.issuer, err = auth.NewIssuer(b.keys, "https://gad.test", "gad", auth.MaxTTL, b.clock.now); err != nil {
		t.Fatal(err)
	}
	return b
}

// private returns the key that signs, as somebody who stole it would hold it.
func (b *bench) private(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(b.dir, "*.pem"))
	if err != nil || len(names) == 0 {
		t.Fatalf("keys: %v, %v", names, err)
	}
	text, err := os.ReadFile(names[len(names)-1])
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(ed25519.PrivateKey)
}

var ana = auth.Identity{
	Autor:   permiso.Autor{Usuario: "7b1c5a7e-58a4-4b3b-8d0e-0f6d2a9f3f11", Rol: permiso.Supervisor, Efectivo: "0190b8a4-3f6c-7c3e-9d53-0242ac120002"},
	Session: "5e0c2b0a-58a4-4b3b-8d0e-0f6d2a9f3f11", Version: 7,
}

func TestTokenGoesThereAndBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	token, exp, err := b.issuer.Issue(ana)
	if err != nil {
		t.Fatal(err)
	}
	want := ana
	want.Exp = start.Add(auth.MaxTTL)
	for range 2 { // the second answer comes from the cache
		got, err := b.issuer.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" || !exp.Equal(want.Exp) {
			t.Errorf("identity (-want +got):\n%s", diff)
		}
	}
	b.clock.advance(auth.MaxTTL - time.Second)
	if _, err := b.issuer.Verify(t.Context(), token); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	b.clock.advance(time.Second)
	if _, err := b.issuer.Verify(t.Context(), token); !errors.Is(err, auth.ErrToken) {
		t.Errorf("at its end: %v", err)
	}
}

func TestEndedSessionIsRefusedFromTheCacheToo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	token, _, err := b.issuer.Issue(ana)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.issuer.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	b.issuer.End(ana.Session)
	if _, err := b.issuer.Verify(t.Context(), token); !errors.Is(err, auth.ErrToken) {
		t.Errorf("after the end of its session: %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// Another process with the same directory.
	other, err := auth.LoadKeys(b.dir, false, b.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	there, err := auth.NewIssuer(other, "https://gad.test", "gad", auth.MaxTTL, b.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := b.issuer.Issue(ana)
	b.clock.advance(6 * time.Second)
	if err := b.keys.Rotate(); err != nil {
		t.Fatal(err)
	}
	after, _, _ := b.issuer.Issue(ana)
	for name, token := range map[string]string{"old": before, "new": after} {
		if _, err := there.Verify(t.Context(), token); err != nil {
			t.Errorf("%s key, in a process that did not rotate: %v", name, err)
		}
	}
	if n := published(t, b.issuer); n != 2 {
		t.Errorf("%d keys published while the old one lives, want 2", n)
	}
	// The other process signs with the new key within a minute, though nobody told it.
	b.clock.advance(time.Minute)
	late, _, _ := there.Issue(ana)
	b.clock.advance(auth.MaxTTL - 2*time.Second)
	if _, err := b.issuer.Verify(t.Context(), late); err != nil {
		t.Errorf("a token of a process that did not rotate: %v", err)
	}
	b.clock.advance(auth.MaxTTL + 31*time.Second)
	if n := published(t, b.issuer); n != 1 {
		t.Errorf("%d keys published when the old one is over, want 1", n)
	}
}

func published(t *testing.T, i *auth.Issuer) int {
	t.Helper()
	text, err := i.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		if _, secret := k["d"]; secret || k["crv"] != "Ed25519" || k["alg"] != "EdDSA" || k["use"] != "sig" || k["kid"] == "" {
			t.Errorf("published %v", k)
		}
	}
	return len(set.Keys)
}

func TestLoadKeysWithoutAny(t *testing.T) {
	t.Parallel()
	if _, err := auth.LoadKeys(t.TempDir(), false, time.Now); err == nil {
		t.Error("no key and none to be made, and no error")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "20260301T120000.000Z.pem"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.LoadKeys(dir, true, time.Now); err == nil {
		t.Error("a broken key was passed over in silence")
	}
}

type object = map[string]any

func enc(v any) string {
	raw, ok := v.([]byte)
	if !ok {
		raw, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// forge signs header and claims as given, with whatever key.
func forge(key ed25519.PrivateKey, header, claims any) string {
	input := enc(header) + "." + enc(claims)
	return input + "." + enc(ed25519.Sign(key, []byte(input)))
}

func with(base object, name string, value any) object {
	out := maps.Clone(base)
	if out[name] = value; value == nil {
		delete(out, name)
	}
	return out
}

// TestForgedTokens tries what attackers of JOSE have tried. Each differs in one
// thing from a token that is accepted, most of them signed with the true key.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key := b.private(t)
	good, _, err := b.issuer.Issue(ana)
	if err != nil {
		t.Fatal(err)
	}
	var header, claims object
	parts := strings.Split(good, ".")
	for i, into := range []*object{&header, &claims} {
		raw, _ := base64.RawURLEncoding.DecodeString(parts[i])
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.issuer.Verify(t.Context(), forge(key, header, claims)); err != nil {
		t.Fatalf("the table's own control is refused: %v", err)
	}
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := key.Public().(ed25519.PublicKey)
	signInput := func(h object) string { return enc(h) + "." + parts[1] }
	hs := func(alg string, secret []byte) string {
		in := signInput(with(header, "alg", alg))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(in))
		return in + "." + enc(mac.Sum(nil))
	}
	spki, _ := x509.MarshalPKIXPublicKey(public)
	jwk := object{"kty": "OKP", "crv": "Ed25519", "x": enc([]byte(stranger.Public().(ed25519.PublicKey)))}
	now := start.Unix()
	head := func(name string, value any) string { return forge(key, with(header, name, value), claims) }
	claim := func(name string, value any) string { return forge(key, header, with(claims, name, value)) }
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	flipped := append([]byte(nil), sig...)
	flipped[10] ^= 1
	jsonForm, _ := json.Marshal(object{"payload": parts[1], "signatures": []object{{"protected": parts[0], "signature": parts[2]}}})
	jsonFlat, _ := json.Marshal(object{"payload": parts[1], "protected": parts[0], "signature": parts[2]})

	forged := map[string]string{
		"empty":                      "",
		"one part":                   "abc",
		"two parts":                  parts[0] + "." + parts[1],
		"four parts":                 good + "." + parts[2],
		"five parts (JWE)":           strings.Join([]string{enc(object{"alg": "dir", "enc": "A256GCM"}), "", enc([]byte("iv")), parts[1], enc([]byte("tag"))}, "."),
		"no signature":               parts[0] + "." + parts[1] + ".",
		"alg none":                   enc(with(header, "alg", "none")) + "." + parts[1] + ".",
		"alg None with signature":    head("alg", "None"),
		"alg nOnE":                   enc(with(header, "alg", "nOnE")) + "." + parts[1] + ".",
		"alg absent":                 head("alg", nil),
		"alg lower case":             head("alg", "eddsa"),
		"alg Ed25519":                head("alg", "Ed25519"),
		"alg ES256":                  head("alg", "ES256"),
		"alg a list":                 head("alg", []string{"EdDSA"}),
		"HS256, public key":          hs("HS256", public),
		"HS256, public key PEM":      hs("HS256", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"HS256, public key SPKI":     hs("HS256", spki),
		"HS512, empty secret":        hs("HS512", nil),
		"EdDSA named, HMAC signed":   hs("EdDSA", public),
		"RS256":                      rs256(t, rsaKey, signInput(with(header, "alg", "RS256"))),
		"signed by a stranger":       forge(stranger, header, claims),
		"stranger's key embedded":    forge(stranger, with(header, "jwk", jwk), claims),
		"jwk with the true key":      head("jwk", jwk),
		"jku":                        head("jku", "https://evil.test/jwks.json"),
		"x5u":                        head("x5u", "https://evil.test/cert.pem"),
		"x5c":                        head("x5c", []string{enc(spki)}),
		"x5t":                        head("x5t", "abc"),
		"crit":                       head("crit", []string{"exp"}),
		"crit empty":                 head("crit", []string{}),
		"b64 false":                  forge(key, with(with(header, "b64", false), "crit", []string{"b64"}), claims),
		"b64 true":                   head("b64", true),
		"zip":                        head("zip", "DEF"),
		"cty":                        head("cty", "JWT"),
		"enc":                        head("enc", "A256GCM"),
		"unknown header":             head("note", "hi"),
		"typ JWT":                    head("typ", "JWT"),
		"typ absent":                 head("typ", nil),
		"typ AT+JWT":                 head("typ", "AT+JWT"),
		"typ application/at+jwt":     head("typ", "application/at+jwt"),
		"typ dpop+jwt":               head("typ", "dpop+jwt"),
		"kid absent":                 head("kid", nil),
		"kid unknown":                head("kid", "unknown"),
		"kid a path":                 head("kid", "../../dev/null"),
		"kid of SQL":                 head("kid", "' or 1=1 --"),
		"kid a number":               head("kid", 1),
		"iss absent":                 claim("iss", nil),
		"iss another":                claim("iss", "https://evil.test"),
		"iss with a slash":           claim("iss", "https://gad.test/"),
		"aud absent":                 claim("aud", nil),
		"aud another":                claim("aud", "other"),
		"aud a list":                 claim("aud", []string{"gad"}),
		"aud a list with ours":       claim("aud", []string{"other", "gad"}),
		"exp absent":                 claim("exp", nil),
		"exp null":                   forge(key, header, []byte(strings.Replace(string(decode(parts[1])), `"exp":`, `"exp":null,"x":`, 1))),
		"exp a text":                 claim("exp", "9999999999"),
		"exp a fraction":             claim("exp", float64(now)+60.5),
		"exp huge":                   claim("exp", now+1<<40),
		"exp 1e99":                   forge(key, header, []byte(replaceNumber(string(decode(parts[1])), "exp", "1e99"))),
		"exp past":                   claim("exp", now-1),
		"exp now":                    claim("exp", now),
		"exp zero":                   claim("exp", 0),
		"exp negative":               claim("exp", -1),
		"lives eleven minutes":       claim("exp", now+660),
		"iat absent":                 claim("iat", nil),
		"iat in the future":          forge(key, header, with(with(claims, "iat", now+120), "exp", now+300)),
		"iat long ago, exp too late": claim("iat", now-3600),
		"sub absent":                 claim("sub", nil),
		"sub no UUID":                claim("sub", "admin"),
		"sub a number":               claim("sub", 1),
		"sid absent":                 claim("sid", nil),
		"jti absent":                 claim("jti", nil),
		"rol absent":                 claim("rol", nil),
		"rol unknown":                claim("rol", "root"),
		"rol empty":                  claim("rol", ""),
		"efe no UUID":                claim("efe", "x"),
		"unknown claim":              claim("admin", true),
		"nbf far ahead":              claim("nbf", now+10_000),
		"claims twice":               forge(key, header, []byte(strings.Replace(string(decode(parts[1])), `{`, `{"rol":"administrador",`, 1))),
		"header twice":               forge(key, []byte(strings.Replace(string(decode(parts[0])), `{`, `{"alg":"none",`, 1)), claims),
		"claims with a tail":         forge(key, header, append(decode(parts[1]), []byte(`{}`)...)),
		"claims a list":              forge(key, header, []byte(`[]`)),
		"claims no JSON":             forge(key, header, []byte(`hello`)),
		"claims not UTF-8":           forge(key, header, []byte("{\"iss\":\"\xff\"}")),
		"claims changed":             parts[0] + "." + enc(with(claims, "rol", "administrador")) + "." + parts[2],
		"header changed":             enc(with(header, "kid", header["kid"].(string)+"x")) + "." + parts[1] + "." + parts[2],
		"signature flipped":          parts[0] + "." + parts[1] + "." + enc(flipped),
		"signature short":            parts[0] + "." + parts[1] + "." + enc(sig[:63]),
		"signature long":             parts[0] + "." + parts[1] + "." + enc(append(append([]byte(nil), sig...), 0)),
		"signature of zeros":         parts[0] + "." + parts[1] + "." + enc(make([]byte, 64)),
		"signature, spare bits":      spareBits(good),
		"signature padded":           good + "==",
		"standard base64":            strings.NewReplacer("-", "+", "_", "/").Replace(forge(key, with(header, "kid", header["kid"]), with(claims, "jti", "???>>>~~~"))) + "+",
		"JSON, general":              string(jsonForm),
		"JSON, flattened":            string(jsonFlat),
		"two signatures":             twoSignatures(parts, stranger),
		"detached payload":           parts[0] + ".." + parts[2],
		"Bearer twice":               "Bearer " + good,
		"space before":               " " + good,
		"newline after":              good + "\n",
		"comma list":                 good + "," + good,
		"NUL inside":                 parts[0] + "." + parts[1] + "\x00." + parts[2],
		"too long":                   claim("jti", strings.Repeat("x", 5000)),
	}
	if len(forged) < 90 {
		t.Errorf("only %d forged tokens", len(forged))
	}
	for name, token := range forged {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if id, err := b.issuer.Verify(t.Context(), token); !errors.Is(err, auth.ErrToken) {
				t.Errorf("accepted as %+v, %v", id, err)
			}
		})
	}
}

func decode(part string) []byte {
	raw, _ := base64.RawURLEncoding.DecodeString(part)
	return raw
}

func replaceNumber(text, name, number string) string {
	i := strings.Index(text, `"`+name+`":`) + len(name) + 3
	j := i + strings.IndexAny(text[i:], ",}")
	return text[:i] + number + text[j:]
}

// spareBits changes the bits of the last character that carry no data: a lax
// decoder reads the same signature from another text.
func spareBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

func twoSignatures(parts []string, stranger ed25519.PrivateKey) string {
	input := parts[0] + "." + parts[1]
	text, _ := json.Marshal(object{"payload": parts[1], "signatures": []object{
		{"protected": parts[0], "signature": parts[2]},
		{"protected": parts[0], "signature": enc(ed25519.Sign(stranger, []byte(input)))},
	}})
	return string(text)
}

func rs256(t *testing.T, key *rsa.PrivateKey, input string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + enc(sig)
}

// FuzzVerify looks for a token that is accepted and was never issued.
func FuzzVerify(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "keys")
	keys, err := auth.LoadKeys(dir, true, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	issuer, err := auth.NewIssuer(keys, "https://gad.test", "gad", auth.MaxTTL, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	good, _, err := issuer.Issue(ana)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := issuer.Verify(t.Context(), token); err == nil && token != good {
			t.Errorf("accepted %q as %v", token, id)
		}
	})
}
