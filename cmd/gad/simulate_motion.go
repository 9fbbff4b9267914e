package main

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
)

// cruiseOf is the median speed of a track while it moves.
func cruiseOf(t simTrack) float64 {
	var speeds []float64
	for i := 1; i < len(t.fixes); i++ {
		a, b := t.fixes[i-1], t.fixes[i]
		if v := geo.Distancia(a.Punto, b.Punto) / (b.at - a.at).Seconds(); v > 1 && v < 40 {
			speeds = append(speeds, v)
		}
	}
	if len(speeds) == 0 {
		return minCruise
	}
	slices.Sort(speeds)
	return min(maxCruise, max(minCruise, speeds[len(speeds)/2]))
}

// straight returns the drive from a to b that begins at an instant and ends
// within reach of b.
func straight(from, to geo.Punto, at time.Duration, speed, reach float64) []simFix {
	distance := geo.Distancia(from, to)
	travel := max(0, distance-reach)
	total := time.Duration(travel / speed * float64(time.Second))
	point := func(elapsed time.Duration) geo.Punto {
		f := 0.0
		if distance > 0 {
			f = elapsed.Seconds() * speed / distance
		}
		return geo.Punto{Lat: from.Lat + f*(to.Lat-from.Lat), Lon: from.Lon + f*(to.Lon-from.Lon)}
	}
	var fixes []simFix
	for elapsed := driveStep; elapsed < total; elapsed += driveStep {
		fixes = append(fixes, simFix{point(elapsed), at + elapsed})
	}
	return append(fixes, simFix{point(total), at + total})
}

// stand returns the fixes of somebody who stays.
func stand(where geo.Punto, from, until time.Duration) (fixes []simFix) {
	for at := from + waitStep; at < until; at += waitStep {
		fixes = append(fixes, simFix{where, at})
	}
	return append(fixes, simFix{where, until})
}

// between is where somebody is who was at from and will be at to.
func between(from geo.Punto, at time.Duration, to simFix, now time.Duration) geo.Punto {
	f := 0.0
	if to.at > at {
		f = min(1, max(0, (now-at).Seconds()/(to.at-at).Seconds()))
	}
	return geo.Punto{Lat: from.Lat + f*(to.Lat-from.Lat), Lon: from.Lon + f*(to.Lon-from.Lon)}
}

// until is a drive as far as an instant, between two places if need be, and standing still when
// it ends before.
func until(from geo.Punto, at time.Duration, fixes []simFix, end time.Duration) []simFix {
	for i, f := range fixes {
		if f.at >= end {
			return append(slices.Clone(fixes[:i]), simFix{between(from, at, f, end), end})
		}
		from, at = f.Punto, f.at
	}
	return append(slices.Clone(fixes), stand(from, at, end)...)
}

// travel is how long a straight drive takes.
func travel(from, to geo.Punto, speed float64) time.Duration {
	return time.Duration(geo.Distancia(from, to) / speed * float64(time.Second))
}

// meet returns the drive back to a track: to the first place on it that is reached before the
// track is there, waiting for it. A track that cannot be caught up with is driven after to its end.
func meet(from geo.Punto, now time.Duration, track []simFix, speed float64) []simFix {
	for _, f := range track {
		if f.at > now && now+travel(from, f.Punto, speed) <= f.at {
			return until(from, now, straight(from, f.Punto, now, speed, 0), f.at)
		}
	}
	if len(track) == 0 {
		return nil
	}
	last := track[len(track)-1]
	return until(from, now, straight(from, last.Punto, now, speed, 0), max(now, last.at))
}

// oneShift cuts a track at the first hole in it that ends a shift.
func oneShift(fixes []simFix) []simFix {
	for i := 1; i < len(fixes); i++ {
		if fixes[i].at-fixes[i-1].at > offDuty {
			return fixes[:i]
		}
	}
	return fixes
}
