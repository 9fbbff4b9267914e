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

// oneShift cuts a track at the first hole in it that ends a shift.
func oneShift(fixes []simFix) []simFix {
	for i := 1; i < len(fixes); i++ {
		if fixes[i].at-fixes[i-1].at > offDuty {
			return fixes[:i]
		}
	}
	return fixes
}
