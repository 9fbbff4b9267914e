import type { Punto, Tarea } from './types';
import { fromField, toField } from './zone';

/** What the fields of the form say, as an order to create a Tarea. */
export function cuerpoDeTarea(value: (name: string) => string, place: Punto | null): Record<string, unknown> {
  const lugar = value('lugar');
  return compact({
    titulo: value('titulo'),
    tipo: value('tipo'),
    prioridad: Number(value('prioridad')),
    codigo: value('codigo').toUpperCase(),
    descripcion: value('descripcion'),
    inicio_programado: fromField(value('inicio_programado')),
    fin_programado: fromField(value('fin_programado')),
    zona: value('zona'),
    permitir_solape: value('permitir_solape') === 'si' || undefined,
    ubicacion: place ? { ...redondo(place), ...(lugar ? { descripcion: lugar } : {}) } : undefined,
  });
}

/** Only what the person changed: what he did not touch stays, whoever else changes it. */
export function cambiosDeTarea(value: (name: string) => string, tarea: Tarea, place: Punto | null | undefined): Record<string, unknown> {
  const cambios: Record<string, unknown> = {};
  const lugar = value('lugar');
  const texts = { titulo: tarea.titulo, tipo: tarea.tipo, descripcion: tarea.descripcion ?? '', zona: tarea.zona ?? '' };
  for (const [name, before] of Object.entries(texts)) {
    if (value(name) !== before) cambios[name] = value(name) || null;
  }
  if (Number(value('prioridad')) !== tarea.prioridad) cambios['prioridad'] = Number(value('prioridad'));
  for (const name of ['inicio_programado', 'fin_programado'] as const) {
    // The field shows minutes: only another minute is another time.
    if (value(name) !== toField(tarea[name])) cambios[name] = fromField(value(name)) ?? null;
  }
  if (place !== undefined || lugar !== (tarea.ubicacion?.descripcion ?? '')) {
    const at = place ?? tarea.ubicacion;
    cambios['ubicacion'] = at ? { ...redondo(at), ...(lugar ? { descripcion: lugar } : {}) } : null;
  }
  if (value('permitir_solape') === 'si') cambios['permitir_solape'] = true;
  return cambios;
}

/** Six decimals: a tenth of a metre, which no finger can point at. */
export function redondo({ lat, lon }: Punto): Punto {
  return { lat: Math.round(lat * 1e6) / 1e6, lon: Math.round(lon * 1e6) / 1e6 };
}

/** Without what was left empty: an absent field has the server's own default. */
export function compact(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== ''));
}
