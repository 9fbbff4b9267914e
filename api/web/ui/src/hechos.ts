/** What a fact was, for people: a sentence with its main data, then its particulars. */

import { bytes, coordinates, distance, hour, moment, number, span } from './format';
import { CAMPO_HECHO, CAUSA_DISPONIBILIDAD, CIERRE, FALLIDA, HECHO, HISTORIA, MEDIO } from './hechos-texto';
import { APROBADO, campoNombre, CLASE_MARCA, CLASE_ZONA, corto, DISPONIBILIDAD, PRIORIDAD, ROL, TIPO } from './texto';
import type { Nombres } from './texto';
import type { Hecho } from './types';

/** An unknown fact keeps its stored name. */
export function hechoTitulo(hecho: Hecho, nombres: Nombres): string {
  const titulo = propio(hecho, nombres) ?? HECHO[hecho.tipo] ?? mayuscula(hecho.tipo.replace('.', ': ').replaceAll('_', ' '));
  const efectivo = texto(hecho, 'efectivo');
  return efectivo ? `${titulo}: ${codigo(efectivo, nombres)}` : titulo;
}

/** Whether there is a sentence for it. */
export function conocido(tipo: string): boolean {
  return tipo in HECHO;
}

/** The titles whose words depend on what happened. */
function propio(hecho: Hecho, nombres: Nombres): string | undefined {
  const { datos } = hecho;
  const zona = texto(hecho, 'zona');
  switch (hecho.tipo) {
    case 'tarea.recordatorio_enviado': return datos['clase'] === 'vencida' ? 'Pasó su hora de fin' : undefined;
    case 'tarea.escalada': return escalada(hecho, nombres);
    case 'tarea.delegada': return texto(hecho, 'delegado') ? `Delegada a ${usuario(String(datos['delegado']), nombres)}` : undefined;
    case 'tarea.punto_de_lista_cumplido': return datos['deshecho'] === true ? `Punto ${String(datos['punto'])} de la lista: vuelto a pendiente` : undefined;
    case 'efectivo.registrado': return `Efectivo registrado: ${texto(hecho, 'codigo_interno')}`;
    case 'efectivo.disponibilidad_cambiada': {
      const nueva = DISPONIBILIDAD[datos['disponibilidad'] as keyof typeof DISPONIBILIDAD];
      return nueva && `Pasó a «${nueva.toLowerCase()}»`;
    }
    case 'efectivo.zona_ingresada': return zona && `Entró en ${nombreZona(zona, nombres)}`;
    case 'efectivo.zona_abandonada': return zona && `Salió de ${nombreZona(zona, nombres)}`;
    case 'zona.definida': case 'zona.modificada': return texto(hecho, 'nombre') && `${HECHO[hecho.tipo]}: ${texto(hecho, 'nombre')}`;
    case 'marca.puesta': return `Marca puesta: ${CLASE_MARCA[datos['clase'] as keyof typeof CLASE_MARCA] ?? 'otra'}`;
    default: return undefined;
  }
}

/** From whom, to whom and why. */
function escalada(hecho: Hecho, nombres: Nombres): string {
  const [de, a] = [texto(hecho, 'de'), texto(hecho, 'a')].map((id) => id && codigo(id, nombres));
  const causa = texto(hecho, 'causa');
  const porque = !de ? '' : { vencimiento: `: ${de} no respondió`, rechazo: `: ${de} la rechazó`, orden: `: por orden, en lugar de ${de}` }[causa ?? ''] ?? `: antes ${de}`;
  if (a) return `Pasó a ${a}${porque}`;
  return causa === 'orden' && de ? `Quedó sin nadie: se le quitó a ${de}` : `No quedó a quién ofrecerla${porque}`;
}

/** Its particulars, one short sentence each. */
export function hechoDetalle(hecho: Hecho, nombres: Nombres): string[] {
  const { datos } = hecho;
  const lineas: string[] = [];
  const prioridad = prioridadOf(datos['prioridad']);
  if (prioridad) lineas.push(`Prioridad ${prioridad.toLowerCase()}`);
  if (texto(hecho, 'codigo')) lineas.push(`Código ${texto(hecho, 'codigo')}`);
  if (datos['implicito'] === true) lineas.push('Inicio implícito, al finalizar');
  if (datos['forzado'] === true && hecho.tipo.startsWith('tarea.')) lineas.push('Forzada por quien despacha');
  if (typeof datos['distancia_m'] === 'number') lineas.push(`A ${distance(datos['distancia_m'])}`);
  if (typeof datos['duracion_s'] === 'number') lineas.push(`Duró ${span(datos['duracion_s'])}`);
  const lugar = datos['ubicacion'] as { lat?: unknown; lon?: unknown } | undefined;
  if (typeof lugar?.lat === 'number' && typeof lugar.lon === 'number') lineas.push(`En ${coordinates(lugar.lat, lugar.lon)}`);
  lineas.push(...suyas(hecho, nombres));
  for (const clave of ['motivo', 'observaciones', 'titulo', 'texto'] as const) {
    const valor = legible(datos[clave]);
    if (valor) lineas.push(`«${valor}»`);
  }
  if (Math.abs(Date.parse(hecho.registrado) - Date.parse(hecho.en)) > 2_000) {
    lineas.push(`Registrado ${moment(hecho.registrado, nombres.now)}`);
  }
  return lineas;
}

/** What only a fact of its kind has to tell. */
function suyas(hecho: Hecho, nombres: Nombres): string[] {
  const { datos } = hecho;
  const cuando = (clave: string) => moment(texto(hecho, clave), nombres.now);
  const tarea = texto(hecho, 'tarea');
  switch (hecho.tipo) {
    case 'tarea.modificada': return cambios(datos, nombres);
    case 'tarea.efectivo_ofrecido': return [
      ...(typeof datos['puesto'] === 'number' && datos['puesto'] > 0 ? [`Puesto ${datos['puesto']} de la recomendación`] : []),
      ...(texto(hecho, 'vence') ? [`Para responder hasta las ${hour(String(datos['vence']))}`] : []),
    ];
    case 'tarea.lista_definida': {
      const puntos = lista(datos['puntos']);
      const textos = puntos.map((punto) => legible((punto as { texto?: unknown }).texto)).filter(Boolean);
      return [`${puntos.length} ${puntos.length === 1 ? 'punto' : 'puntos'}${textos.length ? `: ${textos.join('; ')}` : ''}`];
    }
    case 'tarea.punto_de_lista_cumplido': return datos['deshecho'] === true ? [] : [`El punto ${String(datos['punto'])}`];
    case 'tarea.adjunto_agregado': return [[legible(datos['nombre']), typeof datos['tamano'] === 'number' ? bytes(datos['tamano']) : ''].filter(Boolean).join(', ')];
    case 'tarea.recomendacion_emitida': return recomendada(datos, nombres);
    case 'tarea.recordatorio_enviado': case 'tarea.recordatorio_acusado': {
      const minutos = /^t-(\d+)$/.exec(texto(hecho, 'clase') ?? '')?.[1];
      if (minutos) return [`El de ${minutos} minutos antes del inicio`];
      return hecho.tipo === 'tarea.recordatorio_acusado' ? ['El de que pasó su hora de fin'] : [];
    }
    case 'efectivo.registrado': case 'efectivo.ficha_modificada':
      return (['rango', 'unidad', 'especialidad'] as const).flatMap((campo) => (typeof datos[campo] === 'string' ? [`${mayuscula(campo)}: ${datos[campo] || 'sin dato'}`] : []));
    case 'efectivo.disponibilidad_cambiada': {
      const causa = CAUSA_DISPONIBILIDAD[texto(hecho, 'causa') ?? ''];
      const cual = tarea && nombres.tarea?.(tarea);
      return [
        ...(causa ? [cual ? `${causa}: ${cual}` : causa] : []),
        ...(datos['sin_tomar'] === true ? ['No la había tomado'] : []), ...(datos['forzada'] === true ? ['Forzada por quien despacha'] : []),
      ];
    }
    case 'efectivo.turno_finalizado': return datos['forzado'] === true ? ['Todavía tenía una tarea activa'] : [];
    case 'efectivo.ubicacion_confirmada': return [`Su posición lo muestra en el lugar de ${(tarea && nombres.tarea?.(tarea)) ?? 'su tarea'}`];
    case 'efectivo.senal_perdida': return texto(hecho, 'ultima') ? [`Última posición ${cuando('ultima')}`] : [];
    case 'efectivo.zona_ingresada': case 'efectivo.zona_abandonada': return datos['alarma'] === true ? ['Sonó la alarma de la zona'] : [];
    case 'efectivo.licencia_solicitada': case 'efectivo.licencia_aprobada': return [`De ${cuando('desde')} a ${cuando('hasta')}`];
    case 'marca.puesta': return texto(hecho, 'caduca') ? [`Caduca ${cuando('caduca')}`] : [];
    case 'zona.definida': case 'zona.modificada': return [CLASE_ZONA[texto(hecho, 'clase') ?? ''] ?? ''].filter(Boolean);
    case 'zona.quedo_vacia': return [`No hay nadie desde ${cuando('desde')}`];
    case 'telemetria.sellada': return typeof datos['fixes'] === 'number' ? [`${number(datos['fixes'])} posiciones`] : [];
    case 'usuario.registrado': return [ROL[datos['rol'] as keyof typeof ROL] ?? ''].filter(Boolean);
    case 'usuario.datos_modificados': return cambios(datos, nombres);
    case 'usuario.rol_cambiado': {
      const rol = (clave: string) => (ROL[datos[clave] as keyof typeof ROL] ?? String(datos[clave] ?? '')).toLowerCase();
      return [`${datos['anterior'] ? `De ${rol('anterior')} a` : 'A'} ${rol('rol')}`, ...(datos['en_servidor'] === true ? ['Desde el servidor'] : [])];
    }
    case 'usuario.jurisdiccion_asignada': {
      const todo = [...lista(datos['zonas']).map((id) => nombreZona(String(id), nombres)), ...lista(datos['unidades']).map(String)];
      return [todo.length ? todo.join(', ') : 'Sin recorte: se ocupa de todo'];
    }
    case 'usuario.sesion_iniciada': return [MEDIO[texto(hecho, 'medio') ?? ''] ?? '', MEDIO[texto(hecho, 'segundo') ?? ''] ?? ''].filter(Boolean);
    case 'usuario.sesion_fallida': return [MEDIO[texto(hecho, 'medio') ?? ''] ?? '', FALLIDA[texto(hecho, 'causa') ?? ''] ?? ''].filter(Boolean);
    case 'usuario.sesion_cerrada': return [CIERRE[texto(hecho, 'causa') ?? ''] ?? ''].filter(Boolean);
    case 'aprobacion.solicitada': case 'aprobacion.ejecutada': {
      const pedido = datos['pedido'] as { clase?: string; usuario?: string } | undefined;
      return pedido?.clase ? [`${APROBADO[pedido.clase] ?? pedido.clase.replaceAll('_', ' ')}${pedido.usuario ? `: ${usuario(pedido.usuario, nombres)}` : ''}`] : [];
    }
    case 'auditoria.datos_personales_leidos': return lista(datos['campos']).length ? [lista(datos['campos']).map((campo) => campoNombre(String(campo)).toLowerCase()).join(', ')] : [];
    case 'auditoria.recorrido_leido': return [`De ${cuando('desde')} a ${cuando('hasta')}`];
    case 'auditoria.lectura_masiva': return typeof datos['lecturas'] === 'number' ? [`${datos['lecturas']} lecturas`] : [];
    case 'auditoria.reconstruccion_ordenada': return [`${datos['clase'] === 'volver' ? 'Volver a la anterior' : 'Reconstruir'}: ${String(datos['proyeccion'] ?? '')}`];
    case 'alerta.entregada': {
      const quien = texto(hecho, 'usuario');
      return [`${quien ? `A ${usuario(quien, nombres)}, por` : 'Por'} ${datos['canal'] === 'telegram' ? 'Telegram' : 'el tablero'}`];
    }
    case 'alerta.escalada': return typeof datos['nivel'] === 'number' ? [`Vez número ${datos['nivel']}`] : [];
    default: return [];
  }
}

/** Which fields a change touched, with their new value where that is short and no secret. */
function cambios(datos: Record<string, unknown>, nombres: Nombres): string[] {
  const todo = Object.keys(datos).flatMap((clave) => {
    const campo = CAMPO_HECHO[clave];
    if (!campo) return [];
    if (clave === 'zona') return [`${campo}: ${nombreZona(String(datos[clave]), nombres)}`];
    if (clave === 'tipo') return [`${campo}: ${(TIPO[datos[clave] as keyof typeof TIPO] ?? String(datos[clave])).toLowerCase()}`];
    if (clave === 'inicio_programado' || clave === 'fin_programado') return [`${campo}: ${moment(String(datos[clave]), nombres.now)}`];
    return [campo];
  });
  return todo.length ? [`Cambió ${todo.join(', ')}`] : [];
}

function recomendada(datos: Record<string, unknown>, nombres: Nombres): string[] {
  const [first] = lista(datos['candidatos']) as { efectivo?: string; distancia_m?: number }[];
  const many = lista(datos['candidatos']).length + (typeof datos['mas_candidatos'] === 'number' ? datos['mas_candidatos'] : 0);
  if (!first?.efectivo) return ['Nadie podía ir'];
  const lejos = typeof first.distancia_m === 'number' ? `, a ${distance(first.distancia_m)}` : '';
  return [`Primero ${codigo(first.efectivo, nombres)}${lejos}${many > 1 ? `; ${many} podían ir` : ''}`];
}

/** A stream, as people know what it is the history of. */
export function deQue(clase: string, id: string, nombres: Nombres): string {
  const uuid = /^[0-9a-f-]{36}$/i.test(id);
  const nombre = !uuid ? undefined : clase === 'efectivo' ? nombres.efectivo(id) : clase === 'tarea' ? nombres.tarea?.(id)
    : clase === 'zona' ? nombres.zona?.(id) : clase === 'usuario' ? nombres.usuario(id)?.replace(/^usuario /, '') : undefined;
  return `${HISTORIA[clase] ?? clase} ${nombre ?? (id.length > 12 ? corto(id) : id)}`.trim();
}

export function prioridadOf(value: unknown): string | undefined {
  return typeof value === 'number' ? PRIORIDAD[value] : typeof value === 'string' ? value : undefined;
}

function texto(hecho: Hecho, clave: string): string | undefined {
  const valor = hecho.datos[clave];
  return typeof valor === 'string' && valor ? valor : undefined;
}

function lista(valor: unknown): unknown[] {
  return Array.isArray(valor) ? valor : [];
}

function codigo(id: string, nombres: Nombres): string {
  return nombres.efectivo(id) ?? corto(id);
}

function usuario(id: string, nombres: Nombres): string {
  return (nombres.usuario(id) ?? `usuario ${corto(id)}`).replace(/^Usted$/, 'usted');
}

function nombreZona(id: string, nombres: Nombres): string {
  return nombres.zona?.(id) ?? `la zona ${corto(id)}`;
}

/** A text that was sealed and is shown again; nothing while it is only its commitment. */
function legible(valor: unknown): string {
  // A commitment: base64 or hex of a digest, no spaces.
  return typeof valor === 'string' && !/^[A-Za-z0-9+/_=:-]{32,}$/.test(valor) ? valor : '';
}

function mayuscula(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
