package geo

import "math"

// The WGS84 spheroid.
const (
	semiejeMayor = 6_378_137.0
	achatamiento = 1 / 298.257223563
	semiejeMenor = semiejeMayor * (1 - achatamiento)
)

// maxIteraciones is never reached but near the antipodes, where the series does not settle.
const maxIteraciones = 100

// Geodesica returns the distance in metres on the WGS84 spheroid (Vincenty's
// inverse formula): the one the database measures on its geography, to less than
// a millimetre. Almost antipodal places, for which it does not converge, get the
// distance on the sphere.
func Geodesica(a, b Punto) float64 {
	const grado = math.Pi / 180
	if a == b {
		return 0
	}
	// Reduced latitudes: on the sphere that touches the spheroid at the equator.
	u1, u2 := math.Atan((1-achatamiento)*math.Tan(a.Lat*grado)), math.Atan((1-achatamiento)*math.Tan(b.Lat*grado))
	sin1, cos1 := math.Sincos(u1)
	sin2, cos2 := math.Sincos(u2)
	l := math.Remainder((b.Lon-a.Lon)*grado, 2*math.Pi)
	lambda := l
	for range maxIteraciones {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cos2*sinL, cos1*sin2-sin1*cos2*cosL)
		if sinSigma == 0 {
			return 0
		}
		cosSigma := sin1*sin2 + cos1*cos2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlfa := cos1 * cos2 * sinL / sinSigma
		cos2Alfa := 1 - sinAlfa*sinAlfa
		cos2M := 0.0 // along the equator
		if cos2Alfa > 1e-15 {
			cos2M = cosSigma - 2*sin1*sin2/cos2Alfa
		}
		c := achatamiento / 16 * cos2Alfa * (4 + achatamiento*(4-3*cos2Alfa))
		before := lambda
		lambda = l + (1-c)*achatamiento*sinAlfa*(sigma+c*sinSigma*(cos2M+c*cosSigma*(2*cos2M*cos2M-1)))
		if math.Abs(lambda-before) > 1e-13 {
			continue
		}
		usq := cos2Alfa * (semiejeMayor*semiejeMayor - semiejeMenor*semiejeMenor) / (semiejeMenor * semiejeMenor)
		bigA := 1 + usq/16384*(4096+usq*(-768+usq*(320-175*usq)))
		bigB := usq / 1024 * (256 + usq*(-128+usq*(74-47*usq)))
		delta := bigB * sinSigma * (cos2M + bigB/4*(cosSigma*(2*cos2M*cos2M-1)-
			bigB/6*cos2M*(4*sinSigma*sinSigma-3)*(4*cos2M*cos2M-3)))
		return semiejeMenor * bigA * (sigma - delta)
	}
	return Distancia(a, b)
}
