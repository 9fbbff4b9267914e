package vault

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"github.com/grupo-gad/gad/domain/sealed"
)

// seal encrypts under a random nonce, which the AEAD puts in front. A data key
// seals a handful of texts and a KEK some millions of keys: far below 2^32.
func seal(aead cipher.AEAD, plain, aad []byte) []byte {
	return aead.Seal(nil, nil, plain, aad) //nolint:gosec // the nonce is the AEAD's own and random
}

func open(aead cipher.AEAD, box, aad []byte) ([]byte, error) {
	plain, err := aead.Open(nil, nil, box, aad)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// sealText encrypts salt and value, bound to what the commitment speaks of.
func sealText(aead cipher.AEAD, t sealed.Text, c sealed.Commitment) []byte {
	plain := make([]byte, 0, len(t.Salt)+len(t.Value))
	plain = append(append(plain, t.Salt[:]...), t.Value...)
	return seal(aead, plain, textAAD(t.Owner, t.Field, c))
}

// openText decrypts and checks the value against its commitment: the second lock,
// which also holds against whoever knows the KEK.
func openText(key, box []byte, owner, field string, c sealed.Commitment) (string, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	plain, err := open(aead, box, textAAD(owner, field, c))
	if err != nil {
		return "", err
	}
	var salt sealed.Salt
	if len(plain) < len(salt) {
		return "", ErrDamaged
	}
	value := string(plain[copy(salt[:], plain):])
	if sealed.Commit(owner, field, salt, value) != c {
		return "", ErrDamaged
	}
	return value, nil
}

func textAAD(owner, field string, c sealed.Commitment) []byte {
	return framed("gad/vault/text/1", owner, field, string(c[:]))
}

// framed concatenates parts so that no two lists of parts give the same bytes.
func framed(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}
