package main

import "strings"

// simDepartment is who goes to calls of some kind, in the words of the operation.
type simDepartment struct {
	name      string // before what happened, in a title
	tipo      string
	prioridad int
}

// departments are those of the calls that are read, and of those that are invented.
var departments = map[string]simDepartment{
	"EMS": medica, "MÉDICA": medica, "FIRE": bomberos, "BOMBEROS": bomberos, "TRAFFIC": transito, "TRÁNSITO": transito,
}

var (
	medica   = simDepartment{"Médica", "emergencia", 4}
	bomberos = simDepartment{"Bomberos", "intervencion", 4}
	transito = simDepartment{"Tránsito", "intervencion", 2}
)

// kinds are what the calls of the public 911 data are about, in Spanish.
var kinds = map[string]string{
	"ABDOMINAL PAINS":              "dolor abdominal",
	"ALLERGIC REACTION":            "reacción alérgica",
	"ALTERED MENTAL STATUS":        "persona desorientada",
	"AMPUTATION":                   "amputación",
	"ANIMAL BITE":                  "mordedura de animal",
	"ANIMAL COMPLAINT":             "problema con un animal",
	"APPLIANCE FIRE":               "incendio de un artefacto",
	"ARMED SUBJECT":                "persona armada",
	"ASSAULT VICTIM":               "víctima de una agresión",
	"BACK PAINS/INJURY":            "dolor o lesión de espalda",
	"BARRICADED SUBJECT":           "persona atrincherada",
	"BOMB DEVICE FOUND":            "artefacto explosivo",
	"BOMB THREAT":                  "amenaza de bomba",
	"BUILDING FIRE":                "incendio de un edificio",
	"BURN VICTIM":                  "persona quemada",
	"CARBON MONOXIDE DETECTOR":     "alarma de monóxido de carbono",
	"CARDIAC ARREST":               "paro cardíaco",
	"CARDIAC EMERGENCY":            "emergencia cardíaca",
	"CHOKING":                      "asfixia por atragantamiento",
	"CVA/STROKE":                   "accidente cerebrovascular",
	"DEBRIS/FLUIDS ON HIGHWAY":     "restos o líquidos en la calzada",
	"DEHYDRATION":                  "deshidratación",
	"DIABETIC EMERGENCY":           "emergencia diabética",
	"DISABLED VEHICLE":             "vehículo averiado",
	"DISASTER":                     "desastre",
	"DIZZINESS":                    "mareos",
	"DROWNING":                     "persona ahogada",
	"ELECTRICAL FIRE OUTSIDE":      "incendio eléctrico en la vía pública",
	"ELECTROCUTION":                "electrocución",
	"ELEVATOR EMERGENCY":           "emergencia en un ascensor",
	"EMS SPECIAL SERVICE":          "servicio médico especial",
	"EYE INJURY":                   "lesión ocular",
	"FALL VICTIM":                  "caída de una persona",
	"FEVER":                        "fiebre",
	"FIRE ALARM":                   "alarma de incendio",
	"FIRE INVESTIGATION":           "verificación de un posible incendio",
	"FIRE POLICE NEEDED":           "corte de calle por bomberos",
	"FIRE SPECIAL SERVICE":         "servicio especial de bomberos",
	"FOOT PATROL":                  "patrulla a pie",
	"FRACTURE":                     "fractura",
	"GAS-ODOR/LEAK":                "olor o escape de gas",
	"GENERAL WEAKNESS":             "debilidad general",
	"HAZARDOUS MATERIALS INCIDENT": "incidente con materiales peligrosos",
	"HAZARDOUS ROAD CONDITIONS":    "calzada peligrosa",
	"HEAD INJURY":                  "traumatismo de cráneo",
	"HEAT EXHAUSTION":              "golpe de calor",
	"HEMORRHAGING":                 "hemorragia",
	"HIT + RUN":                    "choque con fuga",
	"INDUSTRIAL ACCIDENT":          "accidente industrial",
	"LACERATIONS":                  "heridas cortantes",
	"MATERNITY":                    "parto",
	"MEDICAL ALERT ALARM":          "alarma médica",
	"NAUSEA/VOMITING":              "náuseas o vómitos",
	"OVERDOSE":                     "sobredosis",
	"PLANE CRASH":                  "accidente aéreo",
	"POISONING":                    "intoxicación",
	"POLICE INFORMATION":           "aviso a la policía",
	"PUBLIC SERVICE":               "servicio público",
	"PUMP DETAIL":                  "achique de agua",
	"RESCUE - ELEVATOR":            "rescate en un ascensor",
	"RESCUE - GENERAL":             "rescate",
	"RESCUE - TECHNICAL":           "rescate técnico",
	"RESCUE - WATER":               "rescate en el agua",
	"RESPIRATORY EMERGENCY":        "emergencia respiratoria",
	"ROAD OBSTRUCTION":             "calzada obstruida",
	"S/B AT HELICOPTER LANDING":    "apoyo a un aterrizaje de helicóptero",
	"SEIZURES":                     "convulsiones",
	"SHOOTING":                     "persona baleada",
	"STABBING":                     "persona apuñalada",
	"STANDBY FOR ANOTHER CO":       "guardia por otra dotación",
	"SUBJECT IN PAIN":              "persona con dolores",
	"SUICIDE ATTEMPT":              "intento de suicidio",
	"SUICIDE THREAT":               "amenaza de suicidio",
	"SUSPICIOUS":                   "situación sospechosa",
	"SYNCOPAL EPISODE":             "desmayo",
	"TRAIN CRASH":                  "accidente ferroviario",
	"TRANSFERRED CALL":             "llamada derivada",
	"TRASH/DUMPSTER FIRE":          "incendio de residuos",
	"UNCONSCIOUS SUBJECT":          "persona inconsciente",
	"UNKNOWN MEDICAL EMERGENCY":    "emergencia médica sin precisar",
	"UNKNOWN TYPE FIRE":            "incendio sin precisar",
	"UNRESPONSIVE SUBJECT":         "persona que no responde",
	"VEHICLE ACCIDENT":             "choque",
	"VEHICLE FIRE":                 "incendio de un vehículo",
	"VEHICLE LEAKING FUEL":         "vehículo que pierde combustible",
	"WARRANT SERVICE":              "orden judicial",
	"WOODS/FIELD FIRE":             "incendio de pastizales",
}

// readKind splits a kind as calls state it, "EMS: FALL VICTIM" or "Traffic: ROAD OBSTRUCTION -",
// into who goes and what happened, in Spanish. What nobody has translated stays as it is, and
// so does a kind of no known department.
func readKind(kind string) (d simDepartment, what string) {
	department, rest, _ := strings.Cut(kind, ":")
	d, known := departments[strings.ToUpper(strings.TrimSpace(department))]
	if !known {
		return simDepartment{tipo: "intervencion", prioridad: 3}, kind
	}
	what = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "-"))
	if spanish, ok := kinds[strings.ToUpper(what)]; ok {
		what = spanish
	}
	return d, what
}

// title is what a call is called as a Tarea.
func (d simDepartment) title(what string) string {
	if d.name == "" {
		return what
	}
	return d.name + ": " + what
}
