import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Subida } from '../../adjuntos';
import { adjuntar, reintentar, subidas } from '../../adjuntos';
import { descargar } from '../../descarga';
import { bytes } from '../../format';
import type { Problem } from '../../net/problem';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { nombreDeUsuario } from '../../personas';
import type { Adjunto, Tarea } from '../../types';
import { busy } from '../../ui';
import { Hace } from '../piezas';

/** The files of a Tarea: what there is, what is on its way, and a place to drop more. */
export function Adjuntos({ tarea }: { tarea: Tarea }) {
  const input = useRef<HTMLInputElement>(null);
  const over = useSignal(false);
  const files = tarea.adjuntos ?? [];
  const onTheWay = subidas.value.filter((one) => one.tarea === tarea.id);
  const may = puede('ordenar');
  if (!may && files.length === 0) return null;

  function onDrop(event: DragEvent) {
    over.value = false;
    if (!may || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    adjuntar(tarea.id, event.dataTransfer.files);
  }

  return (
    <section class={`adjuntos ${over.value ? 'adjuntos-aqui' : ''}`} aria-label="Adjuntos" onDrop={onDrop}
      onDragOver={(event) => { if (may) { event.preventDefault(); over.value = true; } }} onDragLeave={() => { over.value = false; }}>
      <h3>Adjuntos</h3>
      <ul>
        {files.map((file) => <Fila key={file.id} tarea={tarea} file={file} />)}
        {onTheWay.map((subida) => <EnCamino key={subida.id} subida={subida} />)}
      </ul>
      {may && (
        <>
          <input ref={input} type="file" multiple hidden aria-label="Archivos para adjuntar" onChange={(event) => {
            adjuntar(tarea.id, event.currentTarget.files ?? []);
            // The same file may be chosen again.
            event.currentTarget.value = '';
          }} />
          <p><button type="button" onClick={() => input.current?.click()}>Adjuntar archivos</button> <span class="tenue adjuntos-soltar">o soltarlos acá</span></p>
        </>
      )}
    </section>
  );
}

function Fila({ tarea, file }: { tarea: Tarea; file: Adjunto }) {
  const path = `/tareas/${tarea.id}/adjuntos/${file.id}`;
  const nombre = file.nombre || 'archivo sin nombre';
  // An auditor sees that it exists and its digest, not what it says.
  const may = operation.yo.value?.rol !== 'auditor';
  return (
    <li>
      {may
        ? <button type="button" class="enlace" title={`Bajar (SHA-256 ${file.sha256})`} disabled={busy.value.has(`bajar-${path}`)} onClick={() => void descargar(path, nombre)}>{nombre}</button>
        : <span title={`SHA-256 ${file.sha256}`}>{nombre}</span>}
      <span class="tenue">{bytes(file.tamano)}{file.autor && ` · ${nombreDeUsuario(file.autor)}`} · <Hace en={file.en} /></span>
    </li>
  );
}

function EnCamino({ subida }: { subida: Subida }) {
  const { file, hecho, problem } = subida;
  return (
    <li>
      <span>{file.name} <span class="tenue">{bytes(file.size)}</span></span>
      {problem
        ? <span class="problema" role="alert" title={problem.campos.map((campo) => campo.mensaje).join(' · ')}>{porQueNo(problem)}</span>
        : <progress max={1} value={hecho} aria-label={`Enviando ${file.name}`} />}
      <span class="botones botones-chicos">
        {problem?.transient && <button type="button" onClick={() => reintentar(subida)}>Reintentar</button>}
        <button type="button" onClick={subida.parar}>{problem ? 'Quitar' : 'Parar'}</button>
      </span>
    </li>
  );
}

/** Why a file was refused, shorter than the server tells it: its list of types is for programs. */
function porQueNo(problem: Problem): string {
  switch (problem.status) {
    case 413: return 'El archivo es demasiado grande.';
    case 415: return 'Ese tipo de archivo no se admite; sí las fotos, los documentos PDF, el texto, el audio, el video y los ZIP.';
    default: return [problem.message, ...problem.campos.map((campo) => campo.mensaje)].join(' · ');
  }
}
