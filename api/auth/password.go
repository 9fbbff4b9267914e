package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Params are the cost of one hash.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// The sizes of salt and hash in bytes, and how many may wait for a core.
const (
	saltSize  = 16
	hashSize  = 32
	queueSize = 32
)

// Hasher hashes passwords, at most one per core at a time: a burst of logins
// may neither take all memory nor starve everything else.
type Hasher struct {
	params  Params
	cores   chan struct{}
	waiting atomic.Int64
	runs    atomic.Int64
	decoy   string // checked against when nobody is there
}

// NewHasher returns a Hasher that writes hashes of the given cost.
func NewHasher(p Params) *Hasher {
	h := &Hasher{params: p, cores: make(chan struct{}, runtime.GOMAXPROCS(0))}
	h.decoy = encode(p, random(saltSize), random(hashSize))
	return h
}

// Hash returns the PHC string of a password. It fails with ErrOcupado when too
// many are waiting.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := random(saltSize)
	return encode(h.params, salt, h.derive(h.params, password, salt, hashSize)), nil
}

// Check reports whether password is the one behind phc, and whether phc was
// written with other parameters than today's and should be replaced. With an
// empty phc it takes just as long and answers false.
func (h *Hasher) Check(ctx context.Context, phc, password string) (ok, rehash bool, err error) {
	nobody := phc == ""
	if nobody {
		phc = h.decoy
	}
	p, salt, want, err := decode(phc)
	if err != nil {
		return false, false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	got := h.derive(p, password, salt, uint32(len(want)))
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !nobody
	return ok, ok && p != h.params, nil
}

// enter takes a core, or a place in the queue for one.
func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.cores <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > queueSize {
		h.waiting.Add(-1)
		return ErrOcupado
	}
	defer h.waiting.Add(-1)
	select {
	case h.cores <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a core to hash on: %w", ctx.Err())
	}
}

func (h *Hasher) leave() { <-h.cores }

// Runs is how many hashes were computed so far: what a login costs, whoever it is about.
func (h *Hasher) Runs() int64 { return h.runs.Load() }

func (h *Hasher) derive(p Params, password string, salt []byte, size uint32) []byte {
	h.runs.Add(1)
	return argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, size)
}

func encode(p Params, salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hash))
}

var errPHC = errors.New("password hash is not an argon2id PHC string within bounds")

// decode reads a PHC string. Costs are bounded: a hash that somebody planted
// must not stop the process by asking for a terabyte.
func decode(phc string) (p Params, salt, hash []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return p, nil, nil, errPHC
	}
	salt, err1 := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	hash, err2 := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	switch {
	case err1 != nil || err2 != nil,
		p.Memory < 8 || p.Memory > 1<<20, p.Time < 1 || p.Time > 16, p.Threads < 1 || p.Threads > 16,
		len(salt) < 8 || len(salt) > 64, len(hash) < 16 || len(hash) > 64:
		return p, nil, nil, errPHC
	}
	return p, salt, hash, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the runtime aborts when the system has no randomness
	return b
}
