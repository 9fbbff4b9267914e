import { expect, test } from 'vitest';
import { completar } from '../src/historia';
import { cuentaDe, finales, pasoDe } from '../src/ofertas';
import type { Hecho } from '../src/types';

const T0 = Date.parse('2026-03-02T08:00:00Z');
const at = (s: number): string => new Date(T0 + s * 1000).toISOString();
const hecho = (version: number, tipo = 'nota_agregada', datos: Record<string, unknown> = {}, actor: string | null = 'sistema:politicas', en = at(version)): Hecho =>
  ({ posicion: version, stream: 'tarea-t', version, tipo: `tarea.${tipo}`, en, registrado: en, actor, datos });

test('a long history is read from its newest part on, and nothing of it twice or never', async () => {
  const log = Array.from({ length: 450 }, (_, i) => hecho(i + 1));
  const asked: string[] = [];
  const leer = ({ cursor, limite }: { cursor: number; limite: number }) => {
    asked.push(`${cursor}+${limite}`);
    const datos = log.slice(cursor, cursor + limite);
    const last = cursor + datos.length;
    return Promise.resolve({ datos, siguiente: last < log.length ? String(last) : null });
  };
  const versions = (all: readonly Hecho[]) => [all[0]?.version, all.at(-1)?.version, all.length];
  let all = await completar([], 250, leer);
  expect(versions(all)).toEqual([251, 450, 200]);
  log.push(hecho(451));
  all = await completar(all, 250, leer);
  expect(versions(all)).toEqual([251, 451, 201]);
  all = await completar(all, 50, leer);
  expect(versions(all)).toEqual([51, 451, 401]);
  expect(versions(await completar(all, 0, leer))).toEqual([1, 451, 451]);
  expect(asked).toEqual(['250+200', '450+200', '50+200', '451+200', '0+50', '451+200']);
  expect(versions(await completar([], 0, leer))).toEqual([1, 451, 451]);
});

test('who let an offer lapse is told from who was freed', () => {
  const ofrecida = (v: number, efectivo: string) => hecho(v, 'efectivo_ofrecido', { efectivo, vence: at(v + 10) });
  const fin = finales([
    ofrecida(1, 'calla'), hecho(11, 'efectivo_liberado', { efectivo: 'calla' }), hecho(11, 'escalada', { causa: 'vencimiento', de: 'calla', a: 'niega' }),
    ofrecida(12, 'niega'), hecho(13, 'asignacion_rechazada', { efectivo: 'niega' }, 'usuario-1'),
    ofrecida(14, 'quitada'), hecho(15, 'efectivo_liberado', { efectivo: 'quitada' }, 'usuario-1'), hecho(15, 'escalada', { causa: 'orden', de: 'quitada', a: 'toma' }, 'usuario-1'),
    ofrecida(16, 'toma'), hecho(17, 'asignacion_aceptada', { efectivo: 'toma' }, 'usuario-1'), hecho(40, 'efectivo_liberado', { efectivo: 'toma' }, 'usuario-1'),
    ofrecida(50, 'otra vez'), hecho(60, 'efectivo_liberado', { efectivo: 'otra vez' }), hecho(61, 'efectivo_asignado', { efectivo: 'otra vez' }, 'usuario-1'),
    hecho(70, 'efectivo_liberado', { efectivo: 'otra vez' }, 'usuario-1'), hecho(71, 'escalada', { causa: 'vencimiento', de: 'de antes' }),
  ]);
  expect([...fin]).toEqual([['calla', 'no_respondio'], ['quitada', 'retirada'], ['de antes', 'no_respondio']]);
  const rows = ['calla', 'niega', 'quitada', 'toma', 'de antes'].map((efectivo) => ({ efectivo, estado: efectivo === 'niega' ? 'rechazada' : 'liberada', en: at(0) }));
  expect(rows.map((row) => pasoDe(row, fin))).toEqual(['No respondió', 'Rechazó', 'Se le retiró la oferta', 'Liberado', 'No respondió']);
  expect(cuentaDe(rows, fin)).toBe('2 no respondieron, 1 la rechazó, 1 perdió la oferta antes de responder, 1 quedó libre');
});
