// Package config is every setting of gad, once: meaning, unit, default and danger.
//
// Settings are environment variables GAD_*. A file of NAME=value lines gives
// values that the environment overrides. A setting that is a secret may also be
// given as GAD_..._FILE, the path of a file whose content, without the final
// newline, is the value. Load reports every mistake at once.
package config

import (
	"slices"
	"time"
)

// Config is what one process runs with.
type Config struct {
	Env   string   `env:"ENV" envDefault:"development" mean:"development, test, staging o production" danger:"en test se aceptan servidores que pueden olvidar"`
	Roles []string `env:"ROLES" envDefault:"api,live,projector,relay,policies,bot" mean:"roles que corre este proceso"`

	HTTPAddr      string        `env:"HTTP_ADDR" envDefault:"127.0.0.1:8080" mean:"dónde se atiende a las personas: REST, /ws y tablero"`
	OpsAddr       string        `env:"OPS_ADDR" envDefault:"127.0.0.1:9090" mean:"dónde atienden /metrics y pprof" danger:"nunca en una red pública"`
	ShutdownGrace time.Duration `env:"SHUTDOWN_GRACE" envDefault:"30s" mean:"cuánto se espera a lo que está en curso al apagar"`

	DatabaseURL        Secret `env:"DATABASE_URL" mean:"base con el rol de la aplicación (gad_app), que no posee nada"`
	MigrateDatabaseURL Secret `env:"MIGRATE_DATABASE_URL" mean:"base con el rol dueño del esquema (gad_owner); para migrate, rebuild, replay, renovar la clave de la bóveda y borrar las posiciones viejas"`
	NotaryDatabaseURL  Secret `env:"NOTARY_DATABASE_URL" mean:"base con el rol del notario (gad_notary)"`
	DatabaseConns      int32  `env:"DATABASE_CONNS" envDefault:"16" mean:"conexiones a PostgreSQL por proceso"`

	DatabaseConnLifetime    time.Duration `env:"DATABASE_CONN_LIFETIME" envDefault:"30m" mean:"a qué edad se renueva una conexión (más hasta 10 %, para que no se renueven todas a la vez)"`
	DatabaseConnIdle        time.Duration `env:"DATABASE_CONN_IDLE" envDefault:"5m" mean:"cuánto queda abierta una conexión ociosa"`
	DatabaseConnectTime     time.Duration `env:"DATABASE_CONNECT_TIMEOUT" envDefault:"5s" mean:"cuánto se espera para conectar a PostgreSQL"`
	DatabaseStatement       time.Duration `env:"DATABASE_STATEMENT_TIMEOUT" envDefault:"5s" mean:"statement_timeout de cada conexión; las tareas largas (rebuild, exportar, revisar) piden el suyo; 0: el del servidor"`
	DatabaseReport          time.Duration `env:"DATABASE_REPORT_TIMEOUT" envDefault:"30s" mean:"statement_timeout de las estadísticas y las exportaciones, que leen mucho; 0: el de cada conexión"`
	DatabaseLock            time.Duration `env:"DATABASE_LOCK_TIMEOUT" envDefault:"2s" mean:"lock_timeout de cada conexión; 0: el del servidor"`
	DatabaseIdleTransaction time.Duration `env:"DATABASE_IDLE_TRANSACTION_TIMEOUT" envDefault:"30s" mean:"idle_in_transaction_session_timeout de cada conexión: una transacción olvidada no retiene nada por más tiempo; 0: el del servidor"`
	HandlerTimeout          time.Duration `env:"HANDLER_TIMEOUT" envDefault:"10s" mean:"cuánto puede tardar una petición; pasado, 503 y Retry-After"`

	RedisURL  Secret `env:"REDIS_URL" mean:"redis://… o unix:///…; vacío: sin caché, se lee de PostgreSQL"`
	NATSURL   Secret `env:"NATS_URL" mean:"nats://…; vacío: servidor embebido, solo donde un proceso corre todos los roles"`
	TLSCAFile string `env:"TLS_CA_FILE" mean:"autoridad (PEM) de los certificados de Redis y NATS; vacío: las del sistema. PostgreSQL: sslrootcert en su dirección"`
	DataDir   string `env:"DATA_DIR" envDefault:".gad" mean:"dónde guarda el servidor NATS embebido"`

	JWTKeysDir    string        `env:"JWT_KEYS_DIR" mean:"claves de firma de los tokens (Ed25519)" danger:"quien las lee puede hacerse pasar por cualquiera"`
	PublicURL     string        `env:"PUBLIC_URL" mean:"dirección que ven las personas, para los enlaces; vacío: http:// y GAD_HTTP_ADDR"`
	SessionKeep   time.Duration `env:"SESSION_KEEP" envDefault:"720h" mean:"cuánto se guardan las sesiones que terminaron y los enlaces vencidos"`
	SessionTTL    time.Duration `env:"SESSION_TTL" envDefault:"16h" mean:"vida de una sesión, por más que se renueve: un turno y sus márgenes"`
	SessionCheck  time.Duration `env:"SESSION_RECHECK" envDefault:"25s" mean:"cada cuánto se pregunta si sigue valiendo la sesión de una conexión /ws abierta; como mucho 25s, para que un bloqueo, un cambio de rol o un cierre valgan en menos de 30 s"`
	SecondFactor  string        `env:"SECOND_FACTOR" envDefault:"auto" mean:"required, optional o auto: si supervisor y más necesitan segundo factor; auto: en production sí" danger:"optional deja entrar a un supervisor con la contraseña sola"`
	LoginAttempts int           `env:"LOGIN_ATTEMPTS" envDefault:"5" mean:"intentos de ingreso por minuto, por cuenta y bloque de direcciones; después se espera, hasta 15 min"`
	LoginPerBlock int           `env:"LOGIN_PER_BLOCK" envDefault:"20" mean:"intentos de ingreso por minuto y bloque de direcciones (/24, /64)"`
	LoginTrusted  []string      `env:"LOGIN_TRUSTED" mean:"redes (CIDR) cuyo bloque no se cuenta: las oficinas propias"`
	PasswordMem   uint32        `env:"PASSWORD_MEMORY_KIB" envDefault:"65536" mean:"memoria de cada argon2id, en KiB: lo que cuesta probar una contraseña; las más baratas se rehacen al ingresar" danger:"menos de 19456 no se admite en staging ni production"`
	PasswordTime  uint32        `env:"PASSWORD_PASSES" envDefault:"3" mean:"pasadas de cada argon2id" danger:"menos de 2 no se admite en staging ni production"`
	ActivationTTL time.Duration `env:"ACTIVATION_TTL" envDefault:"24h" mean:"vida de un enlace de un solo uso"`
	TelegramKey   Secret        `env:"TELEGRAM_WEBAPP_KEY" mean:"HMAC del token del bot (64 dígitos hexadecimales, gad admin telegram-key), para ingresar desde Telegram; vacío: no se puede"`

	VaultKEKFile string `env:"VAULT_KEK_FILE" mean:"clave de 32 bytes que envuelve las de la bóveda" danger:"sin ella los textos y datos personales se pierden"`

	VaultKEKMaxAge time.Duration `env:"VAULT_KEK_MAX_AGE" envDefault:"720h" mean:"edad a la que se renueva la clave de la bóveda" danger:"un borrado de datos personales no está completo hasta que se renueva"`
	VaultKEKRenew  bool          `env:"VAULT_KEK_RENEW" envDefault:"true" mean:"que el rol policies la renueve solo, si se le da GAD_MIGRATE_DATABASE_URL y puede escribir junto a la clave; si no, avisa y la renueva gad admin keys rotate-vault"`
	VaultKEKHour   int           `env:"VAULT_KEK_HOUR" envDefault:"4" mean:"a qué hora de la operación la renueva solo: si hay borrados pendientes reescribe tablas, y quien las lee espera"`
	ApprovalTTL    time.Duration `env:"APPROVAL_TTL" envDefault:"24h" mean:"cuánto espera a una segunda persona un pedido que se hace de a dos"`

	TelegramToken      Secret `env:"TELEGRAM_TOKEN" mean:"token del bot; vacío: sin bot"`
	TelegramAPIURL     string `env:"TELEGRAM_API_URL" envDefault:"https://api.telegram.org" mean:"servidor de la API de bots"`
	TelegramWebhookURL string `env:"TELEGRAM_WEBHOOK_URL" mean:"dirección pública del webhook; vacío: long polling"`

	CORSOrigins    []string `env:"CORS_ORIGINS" mean:"orígenes exactos que pueden leer la API y abrir /ws, además del propio"`
	Hosts          []string `env:"HOSTS" mean:"nombres por los que se atiende; vacío: cualquiera" danger:"vacío solo en desarrollo"`
	TrustedProxies []string `env:"TRUSTED_PROXIES" mean:"redes (CIDR) cuyos X-Forwarded-* se creen" danger:"una de más deja falsificar la dirección del cliente"`

	AliasesUntil string `env:"ALIASES_UNTIL" envDefault:"2027-12-31" mean:"hasta cuándo se anuncian las direcciones del sistema anterior (encabezado Sunset), AAAA-MM-DD; vacío: no se dice"`

	WSMaxConnections int           `env:"WS_MAX_CONNECTIONS" envDefault:"10000" mean:"conexiones /ws por nodo"`
	WSMaxPerUser     int           `env:"WS_MAX_PER_USER" envDefault:"5" mean:"conexiones /ws por usuario"`
	WSMaxPerBlock    int           `env:"WS_MAX_PER_BLOCK" envDefault:"50" mean:"conexiones /ws por bloque de direcciones (/24, /64)"`
	WSTick           time.Duration `env:"WS_TICK" envDefault:"250ms" mean:"cada cuánto se envían posiciones"`

	LimitPublic    Rate `env:"LIMIT_PUBLIC" envDefault:"30/1m" mean:"peticiones sin sesión, por bloque de direcciones; off: sin límite" danger:"off no se admite en staging ni production"`
	LimitReads     Rate `env:"LIMIT_READS" envDefault:"300/1m" mean:"lecturas por usuario, y tokens no válidos por bloque de direcciones"`
	LimitOrders    Rate `env:"LIMIT_ORDERS" envDefault:"60/1m:20" mean:"órdenes por usuario; hasta 20 de una vez"`
	LimitTelemetry Rate `env:"LIMIT_TELEMETRY" envDefault:"120/1m" mean:"envíos de posiciones por efectivo"`
	AlarmReads     Rate `env:"ALARM_READS" envDefault:"50/10m" mean:"lecturas de datos personales o recorridos ajenos desde las que hay alarma, por lector; hasta 1000, y no se apaga"`
	LimitRefresh   Rate `env:"LIMIT_REFRESH" envDefault:"10/1m" mean:"renovaciones del token de acceso por sesión"`
	LimitSockets   Rate `env:"LIMIT_SOCKETS" envDefault:"10/1m" mean:"conexiones nuevas a /ws por usuario"`

	EmergenciaRadio      float64       `env:"EMERGENCIA_RADIO_M" envDefault:"50000" mean:"hasta qué distancia se busca a quién mandar a una emergencia, en metros"`
	EmergenciaAntiguedad time.Duration `env:"EMERGENCIA_ANTIGUEDAD" envDefault:"10m" mean:"de cuándo puede ser, como mucho, la posición de quien se manda a una emergencia"`
	EmergenciaVelocidad  float64       `env:"EMERGENCIA_VELOCIDAD_MPS" envDefault:"8.3" mean:"a qué velocidad se estima la llegada, en m/s"`
	EmergenciaPlazo      time.Duration `env:"EMERGENCIA_PLAZO" envDefault:"60s" mean:"cuánto vale una oferta antes de pasar al siguiente"`

	Recordatorios      []time.Duration `env:"RECORDATORIOS" envDefault:"40m,10m" mean:"cuánto antes de que empiece se le recuerda una tarea a quien la tiene; de una a tres veces, en minutos enteros y de mayor a menor"`
	VencidaTolerancia  time.Duration   `env:"VENCIDA_TOLERANCIA" envDefault:"0s" mean:"cuánto después de su fin programado se avisa que una tarea no terminó"`
	SOSRepetir         []time.Duration `env:"SOS_REPETIR" envDefault:"1m,3m,10m" mean:"cuánto después de un SOS que nadie atendió se lo escala; hasta cinco veces, de menor a mayor" danger:"un plazo largo deja solo a quien pidió auxilio"`
	SinEfectivosBuscar time.Duration   `env:"SIN_EFECTIVOS_BUSCAR" envDefault:"10s" mean:"cada cuánto se vuelve a buscar a quién ofrecer una emergencia que no tiene a nadie"`
	SignalPeriod       time.Duration   `env:"SIGNAL_PERIOD" envDefault:"1m" mean:"cada cuánto informa un dispositivo su posición"`
	SignalMissed       int             `env:"SIGNAL_MISSED" envDefault:"3" mean:"a cuántos períodos sin informar se da la señal por perdida"`
	CruceEspera        time.Duration   `env:"CRUCE_ESPERA" envDefault:"30s" mean:"cuánto tiene que estar alguien del otro lado del borde de una zona para que haya cruzado"`
	CrucePosiciones    int             `env:"CRUCE_POSICIONES" envDefault:"2" mean:"o cuántas posiciones seguidas del otro lado bastan"`
	PosicionPrecision  float64         `env:"POSICION_PRECISION_M" envDefault:"100" mean:"con qué error a lo sumo, en metros según el propio equipo, una posición dice que alguien cruzó un borde o llegó a su tarea"`
	LlegadaRadio       float64         `env:"LLEGADA_RADIO_M" envDefault:"75" mean:"a cuántos metros de su tarea está en el lugar quien la tiene"`
	LlegadaEspera      time.Duration   `env:"LLEGADA_ESPERA" envDefault:"30s" mean:"cuánto tiene que quedarse ahí para que haya llegado"`
	CoberturaCada      time.Duration   `env:"COBERTURA_CADA" envDefault:"5s" mean:"cada cuánto se mira qué zonas quedaron sin nadie"`

	BlobDir         string        `env:"BLOB_DIR" mean:"directorio de los adjuntos; vacío: adjuntos, bajo GAD_DATA_DIR" danger:"los procesos con los roles api y policies tienen que ver el mismo"`
	BlobS3URL       string        `env:"BLOB_S3_URL" mean:"servidor compatible con S3 (https://…) para los adjuntos; vacío: en GAD_BLOB_DIR"`
	BlobS3Bucket    string        `env:"BLOB_S3_BUCKET" mean:"su bucket, que ya existe"`
	BlobS3Prefix    string        `env:"BLOB_S3_PREFIX" mean:"con qué empieza cada clave en el bucket"`
	BlobS3Region    string        `env:"BLOB_S3_REGION" envDefault:"us-east-1" mean:"región que se firma"`
	BlobS3AccessKey Secret        `env:"BLOB_S3_ACCESS_KEY" mean:"identificador de la clave de S3"`
	BlobS3SecretKey Secret        `env:"BLOB_S3_SECRET_KEY" mean:"clave de S3"`
	BlobMaxBytes    int64         `env:"BLOB_MAX_BYTES" envDefault:"10485760" mean:"tamaño máximo de un adjunto, en bytes"`
	BlobTypes       []string      `env:"BLOB_TYPES" mean:"tipos que se admiten, según se vea el contenido (image/png,…); vacío: imágenes, audio, video, PDF, texto y zip"`
	BlobOrphanAge   time.Duration `env:"BLOB_ORPHAN_AGE" envDefault:"168h" mean:"a qué edad se borra un contenido que ninguna tarea tiene adjunto; al menos 1h" danger:"menos de lo que puede atrasar una base restaurada pierde adjuntos"`

	Timezone               string        `env:"TIMEZONE" envDefault:"America/Argentina/Buenos_Aires" mean:"zona horaria de la operación, para textos y códigos"`
	TelemetryRetentionDays int           `env:"TELEMETRY_RETENTION_DAYS" envDefault:"90" mean:"días que se guardan las posiciones crudas; las borra el rol policies, una vez por día, si se le da GAD_MIGRATE_DATABASE_URL; si no, nadie, hasta que se corra como gad_owner: select telemetria.purgar(current_date - 90)"`
	TelemetrySealEvery     time.Duration `env:"TELEMETRY_SEAL_EVERY" envDefault:"1m" mean:"cada cuánto se sella la telemetría en el registro"`
	AccessTokenTTL         time.Duration `env:"ACCESS_TOKEN_TTL" envDefault:"10m" mean:"vida de un token de acceso; como mucho 10m"`
	LogLevel               string        `env:"LOG_LEVEL" envDefault:"info" mean:"debug, info, warn o error"`
	LogDir                 string        `env:"LOG_DIR" mean:"directorio del registro de gad serve, con lo de seguridad aparte; vacío: a la salida de errores"`
	LogRetentionDays       int           `env:"LOG_RETENTION_DAYS" envDefault:"90" mean:"días que se guardan los archivos de GAD_LOG_DIR"`
}

// AllRoles lists every role there is.
func AllRoles() []string {
	return []string{"api", "live", "projector", "relay", "policies", "bot"}
}

// Has reports whether this process runs a role.
func (c Config) Has(role string) bool {
	return slices.Contains(c.Roles, role)
}

// SecondRequired reports whether whoever is supervisor or above needs a second factor.
func (c Config) SecondRequired() bool {
	return c.SecondFactor == "required" || c.SecondFactor == "auto" && c.Env == "production"
}

// Patient is c for work from the command line, which takes as long as it takes: a rebuild, an
// audit.
func (c Config) Patient() Config {
	c.DatabaseStatement, c.DatabaseLock = 0, 0
	return c
}

// Test reports whether servers that may forget are accepted.
func (c Config) Test() bool { return c.Env == "test" }
