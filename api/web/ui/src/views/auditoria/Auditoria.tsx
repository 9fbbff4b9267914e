import { Pagina } from '../Pagina';
import { puede } from '../../permisos';
import { Pedidos } from '../admin/Aprobaciones';
import { Alarmas } from './Alarmas';
import { Registro } from './Registro';

/** Who looked, who was alarmed, who approved: the log for those who watch over it. */
export function Auditoria() {
  return (
    <Pagina titulo="Auditoría" ancha>
      <div class="pagina-partes">
        <Alarmas />
        {puede('verPedidos') && <Pedidos />}
      </div>
      <Registro />
    </Pagina>
  );
}
