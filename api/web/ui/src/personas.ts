import { signal } from '@preact/signals';
import { now } from './clock';
import { operation } from './operation';
import { puede } from './permisos';
import type { Nombres } from './texto';
import { corto } from './texto';
import type { Usuario } from './types';

/** What the server writes for a text that this person may not read: it tells nobody from anybody. */
const RESERVADO = '[reservado]';

/**
 * Names of Usuarios by id, as far as this person may know them. Each is asked for
 * once; who may not be read keeps the end of his id.
 */
const names = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

export function nombreDeUsuario(id: string): string {
  if (id === operation.session.me()) return 'Usted';
  const known = names.value.get(id);
  if (known === undefined && !asked.has(id) && puede('verUsuarios')) {
    asked.add(id);
    void operation.http.read<Usuario>(`/usuarios/${id}`)
      .then((usuario) => recordar(id, usuario.nombre))
      .catch(() => undefined);
  }
  return known || `usuario ${corto(id)}`;
}

export function recordar(id: string, nombre: string): void {
  asked.add(id);
  if (nombre !== RESERVADO && names.peek().get(id) !== nombre) names.value = new Map(names.peek()).set(id, nombre);
}

/** Whom a row is about; whose name is withheld keeps a mark of his own, the same everywhere. */
export function nombreVisible({ id, nombre }: Pick<Usuario, 'id' | 'nombre'>): string {
  return nombre === RESERVADO ? `usuario ${corto(id)}` : nombre;
}

/** The code of a Tarea; what is not known is asked for. */
function codigoDeTarea(id: string): string | undefined {
  operation.conocer(id);
  return operation.store.tareas.get(id)?.codigo;
}

/** The names and codes of all that the page knows. */
export function nombres(): Nombres {
  const { efectivos, zonas } = operation.store;
  return {
    efectivo: (id) => efectivos.get(id)?.codigo_interno,
    usuario: nombreDeUsuario,
    zona: (id) => zonas.value.find((zona) => zona.id === id)?.nombre,
    tarea: codigoDeTarea,
    now: now.value,
  };
}

/** Another person sits down: what the last one might know is not his to know. */
export function olvidarNombres(): void {
  asked.clear();
  names.value = new Map();
}
