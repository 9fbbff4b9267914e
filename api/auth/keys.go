package auth

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// overlap is how long a replaced key is believed: the longest life of a token it
// signed and some room for clocks.
const overlap = MaxTTL + 30*time.Second

// nameLayout is the file name of a key: when it was made. The newest signs.
const nameLayout = "20060102T150405.000Z"

// signingKey is one Ed25519 key. kid is its RFC 7638 thumbprint.
type signingKey struct {
	kid     string
	made    time.Time
	private ed25519.PrivateKey
}

// Keys are the signing keys of a directory, one PKCS #8 PEM file each.
type Keys struct {
	dir string
	now func() time.Time

	mu     sync.RWMutex
	keys   []signingKey // oldest first
	looked time.Time    // when the directory was last read
}

// LoadKeys reads a directory. When it holds no key and generate is set (in
// development), it makes one; otherwise that is an error.
func LoadKeys(dir string, generate bool, now func() time.Time) (*Keys, error) {
	k := &Keys{dir: dir, now: now}
	if err := k.Reload(); err != nil {
		return nil, err
	}
	if len(k.keys) > 0 {
		return k, nil
	}
	if !generate {
		return nil, fmt.Errorf("no signing key in %s: make one with gad admin keys rotate", dir)
	}
	return k, k.Rotate()
}

// Rotate makes a new key, which signs from now on. Older ones are still believed
// until the last token they signed has ended.
func (k *Keys) Rotate() error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("write a signing key: %w", err)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of signing keys: %w", err)
	}
	name := filepath.Join(k.dir, k.now().UTC().Format(nameLayout)+".pem")
	// Written aside and renamed: another process never reads half a key.
	aside := name + ".tmp"
	if err := os.WriteFile(aside, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("write a signing key: %w", err)
	}
	if err := os.Rename(aside, name); err != nil {
		return fmt.Errorf("write a signing key: %w", err)
	}
	return k.Reload()
}

// Reload reads the directory again.
func (k *Keys) Reload() error {
	names, err := filepath.Glob(filepath.Join(k.dir, "*.pem"))
	if err != nil {
		return fmt.Errorf("list signing keys: %w", err)
	}
	slices.Sort(names)
	keys := make([]signingKey, 0, len(names))
	for _, name := range names {
		key, err := readKey(name)
		if err != nil {
			return fmt.Errorf("read signing key %s: %w", filepath.Base(name), err)
		}
		keys = append(keys, key)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.looked = keys, k.now()
	return nil
}

func readKey(name string) (key signingKey, err error) {
	if key.made, err = time.Parse(nameLayout, strings.TrimSuffix(filepath.Base(name), ".pem")); err != nil {
		return key, errors.New("its name is not the instant it was made")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return key, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return key, errors.New("not a PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return key, err
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return key, fmt.Errorf("it is a %T, not an Ed25519 key", parsed)
	}
	public, err := jwk.FromRaw(private.Public())
	if err != nil {
		return key, err
	}
	thumbprint, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return key, err
	}
	key.kid, key.private = base64.RawURLEncoding.EncodeToString(thumbprint), private
	return key, nil
}

// lookEvery is how often whoever signs looks for a newer key: another process may have
// rotated, and ours would be believed by nobody else once its overlap is over.
const lookEvery = time.Minute

// signer returns the newest key.
func (k *Keys) signer() (signingKey, error) {
	k.mu.RLock()
	stale := k.now().Sub(k.looked) >= lookEvery
	k.mu.RUnlock()
	if stale {
		if err := k.Reload(); err != nil {
			return signingKey{}, err
		}
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if len(k.keys) == 0 {
		return signingKey{}, errors.New("there is no signing key")
	}
	return k.keys[len(k.keys)-1], nil
}

// public returns the key that a kid names, if it is still believed. An unknown
// kid may be a rotation by another process: the directory is then read again, at
// most every few seconds, whoever asks.
func (k *Keys) public(kid string) (ed25519.PublicKey, bool) {
	if key, ok := k.find(kid); ok {
		return key, true
	}
	k.mu.Lock()
	recent := k.now().Sub(k.looked) < 5*time.Second
	k.looked = k.now()
	k.mu.Unlock()
	if recent || k.Reload() != nil {
		return nil, false
	}
	return k.find(kid)
}

func (k *Keys) find(kid string) (ed25519.PublicKey, bool) {
	for _, key := range k.believed() {
		if key.kid == kid {
			return key.private.Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}

// believed returns the keys whose tokens may still be alive, oldest first.
func (k *Keys) believed() []signingKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for i := range k.keys {
		replaced := i+1 < len(k.keys) && k.now().Sub(k.keys[i+1].made) > overlap
		if !replaced {
			return k.keys[i:]
		}
	}
	return nil
}

// JWKS returns the public keys as a JSON Web Key Set.
func (k *Keys) JWKS() ([]byte, error) {
	set := jwk.NewSet()
	for _, key := range k.believed() {
		public, err := jwk.FromRaw(key.private.Public())
		if err != nil {
			return nil, fmt.Errorf("publish key %s: %w", key.kid, err)
		}
		for name, value := range map[string]any{jwk.KeyIDKey: key.kid, jwk.AlgorithmKey: "EdDSA", jwk.KeyUsageKey: "sig"} {
			if err := public.Set(name, value); err != nil {
				return nil, fmt.Errorf("publish key %s: %w", key.kid, err)
			}
		}
		if err := set.AddKey(public); err != nil {
			return nil, fmt.Errorf("publish key %s: %w", key.kid, err)
		}
	}
	out, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("write the key set: %w", err)
	}
	return out, nil
}
