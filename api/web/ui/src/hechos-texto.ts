/** The words of the facts, by their stored names. */

export const HECHO: Record<string, string> = {
  'tarea.creada': 'Tarea creada',
  'tarea.modificada': 'Datos modificados',
  'tarea.prioridad_cambiada': 'Prioridad cambiada',
  'tarea.delegada': 'Delegada a otra persona',
  'tarea.efectivo_ofrecido': 'Ofrecida',
  'tarea.efectivo_asignado': 'Asignada',
  'tarea.asignacion_aceptada': 'Aceptada',
  'tarea.asignacion_rechazada': 'Rechazada',
  'tarea.efectivo_en_camino': 'En camino',
  'tarea.efectivo_en_lugar': 'Llegada al lugar',
  'tarea.efectivo_liberado': 'Efectivo liberado',
  'tarea.iniciada': 'Iniciada',
  'tarea.pausada': 'Pausada',
  'tarea.reanudada': 'Reanudada',
  'tarea.finalizada': 'Finalizada',
  'tarea.cancelada': 'Cancelada',
  'tarea.reabierta': 'Reabierta',
  'tarea.nota_agregada': 'Nota agregada',
  'tarea.adjunto_agregado': 'Adjunto agregado',
  'tarea.lista_definida': 'Lista de control definida',
  'tarea.punto_de_lista_cumplido': 'Punto de la lista cumplido',
  'tarea.recomendacion_emitida': 'Recomendación calculada',
  'tarea.recordatorio_enviado': 'Recordatorio enviado',
  'tarea.recordatorio_acusado': 'Recordatorio leído',
  'tarea.escalada': 'Pasada a otro',
  'efectivo.registrado': 'Efectivo registrado',
  'efectivo.ficha_modificada': 'Ficha modificada',
  'efectivo.turno_iniciado': 'Entró de turno',
  'efectivo.turno_finalizado': 'Salió de turno',
  'efectivo.disponibilidad_cambiada': 'Cambió su disponibilidad',
  'efectivo.ubicacion_confirmada': 'Ubicación confirmada',
  'efectivo.senal_perdida': 'Se perdió su señal',
  'efectivo.senal_recuperada': 'Volvió su señal',
  'efectivo.zona_ingresada': 'Entró en una zona',
  'efectivo.zona_abandonada': 'Salió de una zona',
  'efectivo.sos_activado': 'Pidió auxilio (SOS)',
  'efectivo.sos_atendido': 'Pedido de auxilio atendido',
  'efectivo.licencia_solicitada': 'Pidió licencia',
  'efectivo.licencia_aprobada': 'Licencia aprobada',
  'efectivo.licencia_rechazada': 'Licencia rechazada',
  'efectivo.dado_de_baja': 'Efectivo dado de baja',
  'marca.puesta': 'Marca puesta',
  'marca.retirada': 'Marca retirada',
  'zona.definida': 'Zona definida',
  'zona.modificada': 'Zona modificada',
  'zona.eliminada': 'Zona eliminada',
  'zona.quedo_vacia': 'La zona quedó sin nadie',
  'zona.cubierta': 'La zona volvió a tener a alguien',
  'telemetria.sellada': 'Posiciones selladas',
  'auditoria.datos_personales_leidos': 'Leyó datos personales',
  'auditoria.recorrido_leido': 'Miró un recorrido',
  'auditoria.lectura_masiva': 'Demasiadas lecturas de datos de otros',
  'auditoria.reconstruccion_ordenada': 'Ordenó reconstruir una proyección',
  'aprobacion.solicitada': 'Pidió algo que se hace de a dos',
  'aprobacion.aprobada': 'Aprobó un pedido',
  'aprobacion.rechazada': 'Rechazó un pedido',
  'aprobacion.vencida': 'Venció un pedido',
  'aprobacion.ejecutada': 'Ejecutó un pedido aprobado',
  'usuario.registrado': 'Usuario registrado',
  'usuario.datos_modificados': 'Datos personales cambiados',
  'usuario.rol_cambiado': 'Rol cambiado',
  'usuario.jurisdiccion_asignada': 'Jurisdicción asignada',
  'usuario.bloqueado': 'Cuenta bloqueada',
  'usuario.desbloqueado': 'Cuenta desbloqueada',
  'usuario.dado_de_baja': 'Usuario dado de baja',
  'usuario.familia_revocada': 'Sesión cerrada: alguien usó un token viejo',
  'usuario.credencial_cambiada': 'Contraseña cambiada',
  'usuario.segundo_factor_activado': 'Segundo factor activado',
  'usuario.segundo_factor_desactivado': 'Segundo factor quitado',
  'usuario.telegram_vinculado': 'Telegram vinculado',
  'usuario.telegram_desvinculado': 'Telegram desvinculado',
  'usuario.datos_personales_eliminados': 'Datos personales borrados',
  'usuario.sesion_iniciada': 'Ingresó',
  'usuario.sesion_fallida': 'Intento de ingreso fallido',
  'usuario.sesion_cerrada': 'Salió',
  'usuario.verificado': 'Tomó su cuenta',
  'alerta.entregada': 'Alerta entregada',
  'alerta.acusada': 'Alerta vista',
  'alerta.escalada': 'Alerta escalada',
  'alerta.atendida': 'Alarma atendida',
};

/** Why somebody's disponibilidad changed. */
export const CAUSA_DISPONIBILIDAD: Record<string, string> = {
  orden: 'Por orden', asignacion: 'Por una tarea', liberacion: 'Quedó libre de una tarea', licencia: 'Empezó su licencia', fin_licencia: 'Terminó su licencia',
};

/** By what somebody came in. */
export const MEDIO: Record<string, string> = {
  contrasena: 'Con contraseña', telegram: 'Por Telegram', totp: 'Con el segundo factor', recuperacion: 'Con un código de recuperación',
};

export const FALLIDA: Record<string, string> = {
  credencial: 'La contraseña no era esa', segundo_factor: 'El segundo factor no era ese', bloqueado: 'La cuenta estaba bloqueada',
};

export const CIERRE: Record<string, string> = {
  salida: 'Salió', cerrada_desde_otra: 'La cerró desde otra sesión', cambio_de_credencial: 'Por el cambio de contraseña',
  bloqueo: 'Por el bloqueo de la cuenta', baja: 'Por la baja de la cuenta', activacion: 'Por un enlace nuevo',
};

/** What a change touched, by the key of its payload. */
export const CAMPO_HECHO: Record<string, string> = {
  titulo: 'el título', descripcion: 'la descripción', tipo: 'el tipo', inicio_programado: 'el inicio', fin_programado: 'el fin',
  ubicacion: 'el lugar', zona: 'la zona', sin_descripcion: 'la descripción: ya no tiene', sin_fin: 'el fin: ya no tiene',
  sin_ubicacion: 'el lugar: ya no tiene', sin_zona: 'la zona: ya no tiene',
  nombre: 'el nombre', apellido: 'el apellido', email: 'el correo', dni: 'el documento', telefono: 'el teléfono',
};

/** What a history is of, where its stored name lacks an accent. */
export const HISTORIA: Record<string, string> = { sesion: 'sesión', telemetria: 'telemetría', aprobacion: 'aprobación', auditoria: 'auditoría' };
