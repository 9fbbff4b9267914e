import { useEffect, useRef } from 'preact/hooks';
import { subidas } from '../adjuntos';
import { sinLeer } from '../avisos';
import { calor } from '../capas';
import type { Pagina } from '../nav';
import { irA, pagina } from '../nav';
import { operation } from '../operation';
import type { Permiso } from '../permisos';
import { puede } from '../permisos';
import { olvidarNombres } from '../personas';
import { pendientes } from '../pendientes';
import { number } from '../format';
import { ROL } from '../texto';
import type { Tema } from '../tema';
import { sonido, tema } from '../tema';
import { sonar } from '../sonido';
import { menu, select } from '../ui';

const ENTRADAS: { pagina: Pagina; text: string; need?: Permiso }[] = [
  { pagina: 'operacion', text: 'Operación' },
  { pagina: 'avisos', text: 'Avisos', need: 'avisos' },
  { pagina: 'estadisticas', text: 'Estadísticas', need: 'figuras' },
  { pagina: 'usuarios', text: 'Usuarios', need: 'verUsuarios' },
  { pagina: 'aprobaciones', text: 'Aprobaciones', need: 'aprobaciones' },
  { pagina: 'auditoria', text: 'Auditoría', need: 'auditoria' },
  { pagina: 'sistema', text: 'Sistema', need: 'sistema' },
  { pagina: 'perfil', text: 'Mi perfil y sesiones' },
];

/** Nothing of what one person saw is left for the next. */
function salir(): void {
  for (const subida of subidas.peek()) subida.parar();
  olvidarNombres();
  calor.value = null;
  irA('operacion');
  select(null);
  operation.logout();
}

/** How many things wait on a page, when there are any. */
function Cuenta({ value, text }: { value: number; text: string }) {
  return value > 0 ? <> <b class="pendientes">{number(value)}<span class="oculto"> {text}</span></b></> : null;
}

/** Where else one can go, who is here, and the way out. */
export function Menu() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (menu.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [menu.value]);
  const yo = operation.yo.value;
  return (
    <dialog ref={dialog} class="menu" aria-label="Menú" onClose={() => { menu.value = false; }}
      onClick={(event) => { if (event.target === dialog.current) menu.value = false; }}>
      <p class="menu-quien">
        <strong>{yo?.nombre ?? '…'}</strong>
        {yo && <span class="tenue">{ROL[yo.rol] ?? yo.rol}</span>}
      </p>
      <nav aria-label="Páginas">
        {ENTRADAS.filter(({ need }) => !need || puede(need)).map((entrada) => (
          <button key={entrada.pagina} type="button" aria-current={pagina.value === entrada.pagina ? 'page' : undefined}
            onClick={() => { menu.value = false; irA(entrada.pagina); }}>
            {entrada.text}<Cuenta value={entrada.pagina === 'aprobaciones' ? pendientes.value : entrada.pagina === 'avisos' ? sinLeer.value : 0} text={entrada.pagina === 'avisos' ? 'sin leer' : 'por resolver'} />
          </button>
        ))}
      </nav>
      <div class="linea">
        <label for="tema">Colores</label>
        <select id="tema" value={tema.value} onChange={(event) => { tema.value = event.currentTarget.value as Tema; }}>
          <option value="auto">Los del sistema</option>
          <option value="oscuro">Oscuros</option>
          <option value="claro">Claros</option>
        </select>
      </div>
      <label class="linea">
        <input type="checkbox" checked={sonido.value === 'si'} onChange={(event) => {
          sonido.value = event.currentTarget.checked ? 'si' : 'no';
          if (sonido.value === 'si') sonar(2);
        }} />
        Sonido con cada alerta
      </label>
      <button type="button" onClick={() => { menu.value = false; salir(); }}>Salir</button>
    </dialog>
  );
}
