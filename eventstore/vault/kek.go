package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
)

// keySize is that of AES-256, for KEKs and data keys alike.
const keySize = 32

// KEK is a key-encryption key.
type KEK struct {
	// ID is derived from the key, so that a file cannot be given under a wrong name.
	ID   string
	aead cipher.AEAD
}

// NewKEK makes a KEK of 32 secret bytes.
func NewKEK(key []byte) (KEK, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return KEK{}, fmt.Errorf("make a key-encryption key: %w", err)
	}
	sum := sha256.Sum256(append([]byte("gad/kek/1"), key...))
	return KEK{ID: hex.EncodeToString(sum[:8]), aead: aead}, nil
}

// LoadKEK reads a KEK from a file of exactly 32 bytes that nobody but its owner
// can read and nobody can write (mode 0400).
func LoadKEK(path string) (KEK, error) {
	f, err := os.Open(path)
	if err != nil {
		return KEK{}, fmt.Errorf("open the key-encryption key: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return KEK{}, fmt.Errorf("look at the key-encryption key: %w", err)
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&^0o400 != 0 {
		return KEK{}, fmt.Errorf("key-encryption key %s has mode %s: it must be a file of mode 0400 (chmod 0400 %s)", path, mode, path)
	}
	if info.Size() != keySize {
		return KEK{}, fmt.Errorf("key-encryption key %s has %d bytes, not %d", path, info.Size(), keySize)
	}
	key := make([]byte, keySize)
	if _, err := f.Read(key); err != nil {
		return KEK{}, fmt.Errorf("read the key-encryption key: %w", err)
	}
	return NewKEK(key)
}

// CreateKEK writes a new random KEK where there is none and keeps its hands off
// a file that exists. The file appears whole or not at all.
func CreateKEK(path string) error {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: the runtime aborts when the system has no randomness
	tmp, err := os.CreateTemp(filepath.Dir(path), ".kek-*")
	if err != nil {
		return fmt.Errorf("create a key-encryption key: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, werr := tmp.Write(key)
	// A key that texts depend on must survive what the texts survive.
	if err := errors.Join(werr, tmp.Chmod(0o400), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write the key-encryption key: %w", err)
	}
	// Link, unlike rename, never replaces a key that somebody else made meanwhile.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("put the key-encryption key in its place: %w", err)
	}
	return nil
}

// Keyring holds the KEK that wraps new keys and the older ones that still open keys.
// It is safe for concurrent use: a renewal changes it while others wrap.
type Keyring struct {
	mu      sync.RWMutex // guards both
	current KEK
	byID    map[string]KEK
}

// NewKeyring returns a ring that wraps with current.
func NewKeyring(current KEK, older ...KEK) *Keyring {
	k := &Keyring{current: current, byID: make(map[string]KEK, 1+len(older))}
	for _, kek := range append(older, current) {
		k.byID[kek.ID] = kek
	}
	return k
}

// LoadKeyring reads the files of a ring; the first is the current one.
func LoadKeyring(current string, older ...string) (*Keyring, error) {
	first, err := LoadKEK(current)
	if err != nil {
		return nil, err
	}
	rest := make([]KEK, len(older))
	for i, path := range older {
		if rest[i], err = LoadKEK(path); err != nil {
			return nil, err
		}
	}
	return NewKeyring(first, rest...), nil
}

// wrap encrypts a data key under the current KEK. aad is what the key belongs to.
func (k *Keyring) wrap(key []byte, aad ...string) (kekID string, wrapped []byte) {
	k.mu.RLock()
	current := k.current
	k.mu.RUnlock()
	return current.ID, seal(current.aead, key, wrapAAD(current.ID, aad))
}

// id names the KEK that wraps what is new.
func (k *Keyring) id() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current.ID
}

func (k *Keyring) has(id string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, ok := k.byID[id]
	return ok
}

func (k *Keyring) add(kek KEK) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byID[kek.ID] = kek
}

// use wraps what is new with a KEK of the ring; false when it is not on it.
func (k *Keyring) use(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	kek, ok := k.byID[id]
	if ok {
		k.current = kek
	}
	return ok
}

// merge adds what another ring holds.
func (k *Keyring) merge(other *Keyring) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.Copy(k.byID, other.byID)
}

// forget keeps one KEK and drops the others.
func (k *Keyring) forget(all string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.byID, func(id string, _ KEK) bool { return id != all })
}

// unwrap is the inverse of wrap.
func (k *Keyring) unwrap(kekID string, wrapped []byte, aad ...string) ([]byte, error) {
	k.mu.RLock()
	kek, ok := k.byID[kekID]
	k.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("key-encryption key %s was not given: %w", kekID, ErrMissingKEK)
	}
	return open(kek.aead, wrapped, wrapAAD(kekID, aad))
}

func wrapAAD(kekID string, parts []string) []byte {
	return framed(append([]string{"gad/vault/key/1", kekID}, parts...)...)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("key has %d bytes, not %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
