import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { irA } from '../../nav';
import { operation } from '../../operation';
import { puede } from '../../permisos';
import { compact } from '../../tarea';
import type { Hecha } from '../../types';
import { nuevoEfectivo, select } from '../../ui';
import { usuarioAbierto } from '../admin/abierto';
import { Campo, Form, useEnvio } from '../formulario';
import { CAMPOS_FICHA } from './EditarFicha';

const PERSONA = ['nombre', 'apellido', 'email', 'dni', 'telefono'] as const;
const CAMPOS = [...PERSONA, 'codigo_interno', ...CAMPOS_FICHA.map(({ name }) => name)];

/** Enters somebody of the field; the person is registered by the same order. */
export function NuevoEfectivo() {
  const envio = useEnvio('nuevo-efectivo');
  const hecho = useSignal<{ id: string; codigo: string } | undefined>(undefined);
  const close = () => { nuevoEfectivo.value = false; };
  if (hecho.value) return <Registrado {...hecho.value} close={close} />;
  return (
    <aside class="detalle" aria-label="Nuevo efectivo">
      <header>
        <strong>Nuevo efectivo</strong>
        <button type="button" class="cerrar" aria-label="Descartar" title="Descartar (Esc)" onClick={close}>✕</button>
      </header>
      <Form envio={envio} campos={CAMPOS} boton="Registrar" enfocar onSubmit={(value) => {
        const body = compact(Object.fromEntries(CAMPOS.map((name) => [name, value(name)])));
        void envio.enviar(body, (key) => operation.http.order<Hecha>('POST', '/efectivos', body, { key }), ({ id, posicion }) => {
          hecho.value = { id, codigo: value('codigo_interno') };
          operation.refreshEfectivos();
          void operation.readEfectivo(id, posicion).catch(() => undefined);
        });
      }}>
        <Campo id="ef-codigo" label="Código interno" envio={envio} campo="codigo_interno">{(a) => <input {...a} name="codigo_interno" required minLength={3} maxLength={40} autocomplete="off" />}</Campo>
        <div class="dos">
          <Campo id="ef-nombre" label="Nombre" envio={envio} campo="nombre">{(a) => <input {...a} name="nombre" required maxLength={100} autocomplete="off" />}</Campo>
          <Campo id="ef-apellido" label="Apellido" envio={envio} campo="apellido">{(a) => <input {...a} name="apellido" required maxLength={100} autocomplete="off" />}</Campo>
        </div>
        <Campo id="ef-email" label="Correo electrónico" envio={envio} campo="email">{(a) => <input {...a} name="email" type="email" required maxLength={254} autocomplete="off" />}</Campo>
        <div class="dos">
          <Campo id="ef-dni" label="Documento" envio={envio} campo="dni">{(a) => <input {...a} name="dni" required minLength={5} maxLength={20} autocomplete="off" />}</Campo>
          <Campo id="ef-telefono" label="Teléfono" envio={envio} campo="telefono">{(a) => <input {...a} name="telefono" type="tel" maxLength={30} autocomplete="off" />}</Campo>
        </div>
        {CAMPOS_FICHA.map(({ name, label }) => (
          <Campo key={name} id={`ef-${name}`} label={`${label} (puede faltar)`} envio={envio} campo={name}>{(a) => <input {...a} name={name} maxLength={100} autocomplete="off" />}</Campo>
        ))}
      </Form>
    </aside>
  );
}

/** He has no way in yet: who gives him one, and where. */
function Registrado({ id, codigo, close }: { id: string; codigo: string; close: () => void }) {
  void operation.store.efectivosRev.value;
  const usuario = operation.store.efectivos.get(id)?.usuario;
  const title = useRef<HTMLHeadingElement>(null);
  // The form that had the focus is gone.
  useEffect(() => title.current?.focus(), []);
  return (
    <aside class="detalle" aria-label="Efectivo registrado">
      <header>
        <strong>Nuevo efectivo</strong>
        <button type="button" class="cerrar" aria-label="Cerrar" title="Cerrar (Esc)" onClick={close}>✕</button>
      </header>
      <h2 ref={title} tabIndex={-1}>{codigo} quedó registrado</h2>
      <p>Todavía no tiene con qué ingresar. Para que ingrese, {puede('usuarios') ? 'dele usted un enlace desde su ficha en Usuarios.' : 'un administrador le da un enlace desde Usuarios.'}</p>
      <div class="botones">
        {puede('usuarios') && (
          <button type="button" class="principal" disabled={!usuario} onClick={() => { close(); usuarioAbierto.value = usuario ?? null; irA('usuarios'); }}>Ir a su ficha de usuario</button>
        )}
        <button type="button" onClick={() => { close(); select({ clase: 'efectivo', id }); }}>Ver a {codigo}</button>
      </div>
    </aside>
  );
}
