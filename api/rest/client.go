package rest

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// forwarding are the headers by which proxies say for whom they ask.
var forwarding = []string{
	echo.HeaderXForwardedFor, echo.HeaderXForwardedProto, "X-Forwarded-Host", "X-Forwarded-Port", echo.HeaderXRealIP, "Forwarded",
}

// proxies settles who is asking, by which scheme and for which host, before
// anything looks. From here on the request says only what is believed: RemoteAddr
// is the client's, Host the one he named, and X-Forwarded-Proto ours.
func (a *API) proxies(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		// A proxy may have measured this body by another header than we did; what follows it on
		// the connection would then be somebody else's to say (RFC 9112, 6.3).
		if len(r.TransferEncoding) > 0 {
			c.Response().Header().Set("Connection", "close")
		}
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && a.trusted(peer.Addr().Unmap()) {
			client, hops := a.client(peer.Addr().Unmap(), r.Header)
			r.RemoteAddr = netip.AddrPortFrom(client, peer.Port()).String()
			if said := said(r.Header[echo.HeaderXForwardedProto], hops); said != "" {
				scheme = strings.ToLower(said)
			}
			if host := said(r.Header["X-Forwarded-Host"], hops); host != "" {
				r.Host = host
			}
		}
		for _, name := range forwarding {
			delete(r.Header, name)
		}
		if scheme == "https" {
			r.Header[echo.HeaderXForwardedProto] = []string{"https"}
		}
		return next(c)
	}
}

// client walks X-Forwarded-For from the right: each trusted proxy vouches for the
// address on its left and for nothing further. hops counts the proxies passed.
func (a *API) client(peer netip.Addr, h http.Header) (client netip.Addr, hops int) {
	client, hops = peer, 1
	lines := h[echo.HeaderXForwardedFor]
	for _, line := range slices.Backward(lines) {
		for rest, more := line, true; more; {
			var entry string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, entry = rest[:at], rest[at+1:]
			} else {
				rest, entry, more = "", rest, false
			}
			addr, ok := forwardedAddr(entry)
			if !ok {
				return client, hops // what is left of a lie is not believed either
			}
			client = addr
			if !a.trusted(addr) {
				return client, hops
			}
			hops++
		}
	}
	return client, hops
}

// forwardedAddr reads an entry of X-Forwarded-For, with or without brackets and port.
func forwardedAddr(entry string) (netip.Addr, bool) {
	entry = strings.TrimSpace(entry)
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]")); err == nil {
		return addr.Unmap().WithZone(""), true
	}
	both, err := netip.ParseAddrPort(entry)
	return both.Addr().Unmap().WithZone(""), err == nil
}

// said picks from a list that each of the proxies passed has appended to, or has
// replaced by its own: never a value on the left of the furthest trusted one.
func said(lines []string, hops int) string {
	if len(lines) == 0 {
		return ""
	}
	values := strings.Split(strings.Join(lines, ","), ",")
	return strings.TrimSpace(values[max(0, len(values)-hops)])
}

func (a *API) trusted(addr netip.Addr) bool {
	for _, p := range a.Settings.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// block is the address block that a limit counts: a client of IPv6 owns a /64 and
// would otherwise have as many buckets as it likes; one of IPv4 shares a /24.
func block(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	bits, addr := 24, peer.Addr().Unmap()
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
