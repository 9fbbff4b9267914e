import { signal } from '@preact/signals';

/** Whose card the page of Usuarios shows: an id, or `nuevo` while somebody is being entered. */
export const usuarioAbierto = signal<string | null>(null);
