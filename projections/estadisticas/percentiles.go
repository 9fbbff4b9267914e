package estadisticas

import "slices"

// values selects all the values of a column of a group, as an array. The database would sort
// them once for each group it makes, and the rows before that; here they are grouped by hash,
// and sorted as bare numbers.
func values(column string) string {
	return "array_agg(" + column + ") filter (where " + column + " is not null)"
}

// percentiles of some values, whose order it changes.
func percentiles(v []float64) Percentiles {
	if len(v) == 0 {
		return Percentiles{}
	}
	slices.Sort(v)
	sum := 0.0
	for _, x := range v { // in order: the same values have the same mean, whoever read them
		sum += x
	}
	return Percentiles{N: int64(len(v)), Media: sum / float64(len(v)), P25: quantile(v, 0.25), P50: quantile(v, 0.5), P75: quantile(v, 0.75), P90: quantile(v, 0.9)}
}

// quantile interpolates between neighbours, as percentile_cont does.
func quantile(sorted []float64, q float64) float64 {
	place := q * float64(len(sorted)-1)
	i := int(place)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (place-float64(i))*(sorted[i+1]-sorted[i])
}
