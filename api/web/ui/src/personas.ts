import { signal } from '@preact/signals';
import { operation } from './operation';
import { puede } from './permisos';
import { corto } from './texto';
import type { Usuario } from './types';

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
  if (names.peek().get(id) !== nombre) names.value = new Map(names.peek()).set(id, nombre);
}

/** Another person sits down: what the last one might know is not his to know. */
export function olvidarNombres(): void {
  asked.clear();
  names.value = new Map();
}
