import { signal } from '@preact/signals';
import type { Calor } from './views/estadisticas/cifras';

/** Where Tareas were lately, laid over the map; null while the layer is off. */
export const calor = signal<Calor | null>(null);
