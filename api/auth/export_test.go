package auth

import "time"

// Listed is how many passwords everybody tries first.
func Listed() int { return len(listed()) }

// TOTP is the code of a secret at an instant.
func TOTP(secret []byte, at time.Time) string { return hotp(secret, totpStep(at)) }

// HOTP is the code of a counter.
func HOTP(secret []byte, counter int64) string { return hotp(secret, counter) }
