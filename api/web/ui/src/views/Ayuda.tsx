import { useEffect, useRef } from 'preact/hooks';
import { atajos } from '../tema';
import { help } from '../ui';

const TECLAS: [string, string][] = [
  ['/', 'Buscar en la lista a la vista'],
  ['T · D · M', 'Ir a Tareas, Efectivos (dotación) o Mapa'],
  ['G', 'Menú: las otras páginas, perfil, salir'],
  ['B', 'Avisos: recordatorios de sus tareas y las que pasaron su hora; ahí L da por leído el elegido'],
  ['J · K  o  ↓ · ↑', 'Siguiente, anterior'],
  ['Enter', 'Abrir lo elegido; en el mapa, tomar el centro'],
  ['E', 'Emergencia: después se elige el lugar; si quedó una sin terminar, la sigue'],
  ['N', 'Nueva tarea: después se elige el lugar; si quedó una sin terminar, la sigue'],
  ['Z', 'Zonas'],
  ['L', 'Marcas del lugar'],
  ['A', 'Asignar: de una tarea muestra a los más cercanos, de un efectivo las tareas abiertas; Enter toma lo primero'],
  ['I · P · R', 'Iniciar, pausar, reanudar o reabrir'],
  ['C', 'Modificar (cambiar)'],
  ['F · X', 'Finalizar, cancelar (piden confirmar)'],
  ['V · Q', 'Alerta más nueva: verla, darse por enterado'],
  ['0', 'Ver toda la operación'],
  ['Esc', 'Cerrar, volver; lo que se estaba escribiendo queda sin terminar'],
  ['?', 'Esta ayuda'],
];

export function Ayuda() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (help.value) {
      dialog.current?.showModal();
      // It is read from its beginning; the first thing that takes the focus is far below.
      dialog.current?.querySelector<HTMLElement>('h2')?.focus();
    } else dialog.current?.close();
  }, [help.value]);
  return (
    <dialog ref={dialog} class="ayuda" aria-labelledby="ayuda-titulo" onClose={() => { help.value = false; }}>
      <h2 id="ayuda-titulo" tabIndex={-1}>Ayuda</h2>
      <p>
        La lista, el mapa y el panel muestran lo mismo: elegir en uno elige en los otros. Todo cambia solo;
        arriba se ve si los datos están al día. Arrastrar un efectivo a una tarea, o una tarea a un efectivo, lo asigna. <abbr class="sim">SIM</abbr> marca lo simulado.
      </p>
      <table>
        <caption class="oculto">Atajos de teclado</caption>
        <tbody>
          {TECLAS.map(([keys, text]) => <tr key={keys}><th scope="row"><kbd>{keys}</kbd></th><td>{text}</td></tr>)}
        </tbody>
      </table>
      <label class="linea">
        <input type="checkbox" checked={atajos.value === 'si'} onChange={(event) => { atajos.value = event.currentTarget.checked ? 'si' : 'no'; }} />
        Usar los atajos de una letra
      </label>
      <p><a href="/docs/" target="_blank" rel="noopener">Descripción de la API</a></p>
      <button type="button" class="principal" onClick={() => { help.value = false; }}>Cerrar</button>
    </dialog>
  );
}
