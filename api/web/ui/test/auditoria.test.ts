import { describe, expect, it } from 'vitest';
import { csv, historiaDe, mirado, PREGUNTAS, preguntas, queAlarma } from '../src/views/auditoria/preguntas';

describe('the audit page', () => {
  it('writes a table that a spreadsheet reads as text', () => {
    expect(csv([['a', 1], ['=1+1', 'con "comillas", y coma']])).toBe('a,1\r\n\'=1+1,"con ""comillas"", y coma"\r\n');
  });
  it('names what a fact belongs to', () => {
    expect(historiaDe('tarea-0190f3c2-0000')).toEqual({ clase: 'tarea', id: '0190f3c2-0000' });
    expect(historiaDe('telemetria')).toEqual({ clase: 'telemetria', id: '' });
  });
  it('says who was looked at', () => {
    expect(mirado({ tipo: 'auditoria.datos_personales_leidos', datos: { usuario: 'u', campos: ['dni'] } })).toEqual({ usuario: 'u' });
    expect(mirado({ tipo: 'auditoria.recorrido_leido', datos: { efectivo: 'e' } })).toEqual({ efectivo: 'e' });
    expect(mirado({ tipo: 'tarea.efectivo_asignado', datos: { efectivo: 'e' } })).toEqual({});
  });
  it('says about whom an alarm is', () => {
    const alarma = { id: 'a@1', clase: 'lectura_masiva', en: '', posicion: 1, atendida: false };
    expect(queAlarma({ ...alarma, usuario: 'u', lecturas: 51 }, () => 'Ana')).toBe('Sobre Ana · 51 lecturas');
    expect(queAlarma(alarma, () => 'Ana')).toBe('No se sabe de quién');
  });
  it('asks for stored names only', () => {
    for (const one of preguntas) for (const tipo of PREGUNTAS[one].tipos) expect(tipo).toMatch(/^[a-z]+\.[a-z_]+$/);
  });
});
