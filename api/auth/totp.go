package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator applications speak it; an HMAC does not need collision resistance
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// The parameters of one-time passwords: those that every authenticator application knows.
const (
	totpPeriod = 30 * time.Second
	totpDigits = 6
	totpSkew   = 1 // steps before and after the present one
	totpSecret = 20
)

// hotp is RFC 4226: six digits for a counter.
func hotp(secret []byte, counter int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, counter) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpStep is RFC 6238: the time step of an instant.
func totpStep(at time.Time) int64 { return at.Unix() / int64(totpPeriod/time.Second) }

// checkTOTP returns the step that a code is of. Every candidate is compared, whichever fits.
func checkTOTP(secret []byte, code string, at time.Time) (step int64, ok bool) {
	now := totpStep(at)
	for s := now - totpSkew; s <= now+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(hotp(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpURI is what an authenticator application reads from a picture.
func totpURI(secret []byte, issuer, account string) string {
	q := url.Values{
		"secret": {secretText(secret)}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(int(totpPeriod / time.Second))},
	}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + q.Encode()
}

func secretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}
