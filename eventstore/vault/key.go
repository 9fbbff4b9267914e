package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// dataKey protects the texts of one owner in one append.
type dataKey struct {
	id      [16]byte
	aead    cipher.AEAD
	kek     string
	wrapped []byte
}

func (v *Vault) newDataKey(owner string) (dataKey, error) {
	var (
		k   dataKey
		key [keySize]byte
		err error
	)
	_, _ = rand.Read(key[:]) // never fails
	k.id = newID(time.Now())
	if k.aead, err = newAEAD(key[:]); err != nil {
		return dataKey{}, err
	}
	k.kek, k.wrapped = v.keys.wrap(key[:], string(k.id[:]), owner)
	return k, nil
}

// parseUUID reads the text form that PostgreSQL writes.
func parseUUID(text string) (id [16]byte, err error) {
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(raw) != len(id) {
		return id, fmt.Errorf("%q is no uuid", text)
	}
	return [16]byte(raw), nil
}

// newID returns a UUIDv7: ids that grow with time keep the index of keys dense.
func newID(now time.Time) (id [16]byte) {
	_, _ = rand.Read(id[:])
	binary.BigEndian.PutUint64(id[:], uint64(now.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(id[6:])))
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}
