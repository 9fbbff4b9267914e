/** One field that the server refused, with the reason in the person's language. */
export interface Campo {
  campo: string;
  mensaje: string;
}

/** The same order came before and has not ended: whether it was done is still to be heard. */
export const EN_CURSO = 'orden_en_curso';

/**
 * What went wrong with a request: the server's problem+json, or the lack of any
 * answer (`status` 0). `message` can be shown as it is.
 */
export class Problem extends Error {
  readonly status: number;
  readonly codigo: string;
  readonly campos: Campo[];
  readonly requestId: string | undefined;
  /** Seconds the server asked to wait, when it did. */
  readonly retryAfter: number | undefined;

  constructor(init: {
    status: number;
    codigo: string;
    detail: string;
    campos?: Campo[];
    requestId?: string | undefined;
    retryAfter?: number | undefined;
  }) {
    super(init.detail);
    this.name = 'Problem';
    this.status = init.status;
    this.codigo = init.codigo;
    this.campos = init.campos ?? [];
    this.requestId = init.requestId;
    this.retryAfter = init.retryAfter;
  }

  /** The same order may be sent again as it is. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502
      || this.status === 503 || this.status === 504 || this.codigo === EN_CURSO;
  }
}

/** Reads the answer's body whatever it is: proxies do not write problem+json. */
export async function problemFrom(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => ({})) as Record<string, unknown>;
  const retry = Number(response.headers.get('Retry-After'));
  return new Problem({
    status: response.status,
    codigo: text(body['codigo']) ?? `http_${response.status}`,
    detail: text(body['detail']) ?? text(body['title']) ?? byStatus(response.status),
    campos: campos(body['campos']),
    requestId: text(body['request_id']) ?? response.headers.get('X-Request-Id') ?? undefined,
    retryAfter: Number.isFinite(retry) && retry > 0 ? retry : undefined,
  });
}

export function noAnswer(cause: unknown): Problem {
  const timeout = cause instanceof DOMException && cause.name === 'TimeoutError';
  return new Problem({
    status: 0,
    codigo: timeout ? 'sin_respuesta' : 'sin_conexion',
    detail: timeout
      ? 'El servidor tardó demasiado en contestar. Se puede reintentar sin riesgo.'
      : 'No hay conexión con el servidor. Se puede reintentar sin riesgo.',
  });
}

/** What to say of anything thrown. */
export function problemOf(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new Problem({ status: -1, codigo: 'error_del_tablero', detail: `Error del tablero: ${detail}` });
}

function campos(value: unknown): Campo[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const entry = item as Record<string, unknown> | null;
    const mensaje = text(entry?.['mensaje']);
    return mensaje ? [{ campo: text(entry?.['campo']) ?? '', mensaje }] : [];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function byStatus(status: number): string {
  switch (status) {
    case 401: return 'Hay que volver a ingresar.';
    case 403: return 'No tiene permiso para hacer esto.';
    case 404: return 'No existe, o no está a su alcance.';
    case 409: return 'Otro cambio llegó antes. Revise y repita.';
    case 412: return 'Los datos cambiaron mientras los miraba. Revise y repita.';
    case 429: return 'Demasiados pedidos seguidos. Espere unos segundos.';
    case 502: case 503: case 504: return 'El servidor no está disponible por el momento.';
    default: return `El servidor contestó ${status}.`;
  }
}
