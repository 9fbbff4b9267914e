package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is how often somebody may do something, written "60/1m" or, with what may
// come at once apart, "60/1m:20". The zero Rate, written "off", limits nobody.
type Rate struct {
	Limit int
	Per   time.Duration
	Burst int // 0: as Limit
}

// Off reports a rate that limits nobody.
func (r Rate) Off() bool { return r.Limit == 0 }

// String returns the form in which it is written.
func (r Rate) String() string {
	if r.Off() {
		return "off"
	}
	per := r.Per.String()
	if short, ok := strings.CutSuffix(per, "m0s"); ok {
		per = short + "m"
	}
	s := fmt.Sprintf("%d/%s", r.Limit, per)
	if r.Burst > 0 {
		s += fmt.Sprintf(":%d", r.Burst)
	}
	return s
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Rate) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "off" {
		*r = Rate{}
		return nil
	}
	wrong := fmt.Errorf("%q no es un límite: se escribe 60/1m, 60/1m:20 (20 de una vez) u off", s)
	limit, rest, ok := strings.Cut(s, "/")
	per, burst, bursts := strings.Cut(rest, ":")
	var out Rate
	var err error
	if out.Limit, err = strconv.Atoi(limit); !ok || err != nil || out.Limit < 1 || out.Limit > 1_000_000 {
		return wrong
	}
	if out.Per, err = time.ParseDuration(per); err != nil || out.Per < time.Second || out.Per > 24*time.Hour {
		return wrong
	}
	if bursts {
		if out.Burst, err = strconv.Atoi(burst); err != nil || out.Burst < 1 || out.Burst > 1_000_000 {
			return wrong
		}
	}
	*r = out
	return nil
}
