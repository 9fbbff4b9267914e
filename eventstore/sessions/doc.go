// Package sessions keeps what must not be a fact: password hashes and the
// refresh tokens of open sessions.
//
// It promises that
//
//   - a token is 256 random bits and only its SHA-256 is stored;
//   - a session is a family of tokens, each used once: Rotate consumes one and
//     hands out the next in one transaction, so that of two that present the
//     same token at once one wins;
//   - a token presented a second time revokes its whole family (ErrReused):
//     somebody has a copy;
//   - what is revoked or past its end opens nothing any more.
//
// Hashing passwords and signing access tokens are not its business (api/auth);
// recording that something happened is the caller's.
package sessions
