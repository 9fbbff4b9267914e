import { problemOf } from './net/problem';
import { operation } from './operation';
import { avisar, busy } from './ui';

/** Gives the person a file. */
export function guardar(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to write by then, also a slow one.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Brings a file of the REST face and gives it to the person; an address could not carry the token. */
export async function descargar(path: string, name: string, query: Record<string, unknown> = {}): Promise<void> {
  const intention = `bajar-${path}`;
  if (busy.value.has(intention)) return;
  busy.value = new Set([...busy.value, intention]);
  try {
    guardar(await operation.http.file(path, query), name);
  } catch (cause) {
    avisar('mal', problemOf(cause).message);
  } finally {
    const rest = new Set(busy.value);
    rest.delete(intention);
    busy.value = rest;
  }
}
