/** A dispatcher's shift: an emergency, a Tarea written down to the end, a Zona, the pages beside. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessible, base, clickMap, complaints, cuenta, goTo, launch, live, login, newPage, noSideways, open, shot, someFree, strangers, taken } from './support';

let browser: Browser;
let page: Page;
const marca = String(Date.now());
/** Far enough ahead, whatever the year. */
const lejos = new Date().getFullYear() + 5;

beforeAll(async () => {
  browser = await launch();
  page = await newPage(await open(browser), 1280, 800, 'dark');
  await page.goto(base);
  await login(page, cuenta('supervisor'));
  await live(page);
  await someFree(page);
});

afterAll(async () => { await browser?.close(); });

test('an emergency takes one key, a place and a sentence, and says who goes and why', async () => {
  await page.keyboard.press('0');
  await page.keyboard.press('e');
  await clickMap(page);
  await page.locator('#emergencia-descripcion').fill(`Choque con heridos ${marca}`);
  await page.locator('#emergencia-telefono').fill('11 5555-0000');
  await accessible(page, 'emergencia');
  await page.locator('#emergencia-descripcion').press('Enter');
  await page.locator('.detalle h2', { hasText: marca }).waitFor();
  await page.locator('.recomendacion li').first().waitFor();
  await page.locator('.asignados li', { hasText: /Ofrecida|Aceptó|En camino|En el lugar|Rechazó/ }).first().waitFor();
  await accessible(page, 'recomendación');
  await shot(page, 'emergencia');
});

test('an emergency is offered by hand to another candidate', async () => {
  await taken(page, '/ofertas', () => page.locator('.recomendacion button', { hasText: 'Ofrecer' }).last().click());
  await page.locator('.historial li', { hasText: 'Ofrecida' }).nth(1).waitFor();
});

test('where somebody was is asked with a reason, and drawn', async () => {
  await page.keyboard.press('Escape');
  await page.locator('.pestanas button', { hasText: 'Efectivos' }).click();
  await page.locator('[data-lista=efectivo] [role=option]', { hasText: 'DEMO-01' }).click();
  await page.locator('.detalle button', { hasText: 'Recorrido' }).click();
  await page.locator('#recorrido-motivo').fill('Aclarar una demora');
  await accessible(page, 'pedido de recorrido');
  await page.locator('button', { hasText: 'Ver el recorrido' }).click();
  await page.locator('#recorrido-paso').waitFor();
  await page.locator('#recorrido-paso').press('Home');
  await page.locator('.recorrido summary', { hasText: 'Las posiciones' }).click();
  await page.locator('.recorrido-tabla tbody tr[aria-selected=true]').first().waitFor();
  await accessible(page, 'recorrido');
  await shot(page, 'recorrido');
  await page.keyboard.press('Escape');
  await page.locator('#recorrido-paso').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.locator('.pestanas button', { hasText: 'Tareas' }).click();
});

test('a Tarea is written with a checklist, changed, noted, and taken up again after its end', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await clickMap(page);
  await page.locator('#nueva-titulo').fill(`Relevamiento ${marca}`);
  await page.locator('.mas summary').click();
  await page.locator('#nueva-lista').fill('Cortar el tránsito\nAvisar');
  await accessible(page, 'nueva tarea entera');
  await page.locator('button', { hasText: 'Crear la tarea' }).click();
  await page.locator('.detalle h2', { hasText: `Relevamiento ${marca}` }).waitFor();

  await page.locator('.lista-control input').first().click();
  await page.locator('.lista-control h3', { hasText: '1 de 2' }).waitFor();

  await page.locator('[data-accion=edicion]').click();
  await page.locator('#edicion-prioridad').selectOption('5');
  await page.locator('button', { hasText: 'Guardar' }).click();
  await page.locator('.detalle .prioridad-5').waitFor();
  // What was done stays done.
  await page.locator('.lista-control h3', { hasText: '1 de 2' }).waitFor();

  await page.locator('.notas summary').click();
  await page.locator('#nota-texto').fill('El portón estaba abierto');
  await page.locator('button', { hasText: 'Agregar la nota' }).click();
  await page.locator('.notas li', { hasText: 'El portón estaba abierto' }).waitFor();

  await page.locator('[data-accion=finalizacion]').click();
  await page.locator('#motivo').fill('Sin novedad');
  await page.keyboard.press('Enter');
  await page.locator('.detalle .estado-finalizada').waitFor();
  await page.locator('[data-accion=reapertura]').click();
  await page.locator('#motivo').fill('Faltaba la esquina');
  await page.keyboard.press('Enter');
  await page.locator('.detalle .estado-en_curso').waitFor();
  await accessible(page, 'tarea entera');
  await shot(page, 'tarea-entera');
});

test('a file is attached, refused when it is none, and brought back as it was', async () => {
  const content = `%PDF-1.4 acta ${marca}`;
  await page.locator('.adjuntos input[type=file]').setInputFiles([
    { name: 'acta.pdf', mimeType: 'application/pdf', buffer: Buffer.from(content) },
    { name: 'vacio.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    { name: 'programa.exe', mimeType: 'application/octet-stream', buffer: Buffer.from([0x4d, 0x5a, 0, 1, 2, 3]) },
  ]);
  await page.locator('.adjuntos li', { hasText: 'vacio.txt' }).getByText('El archivo está vacío').waitFor();
  await page.locator('.adjuntos li', { hasText: 'programa.exe' }).locator('.problema').waitFor();
  // The page is told of the refusal by the browser too.
  complaints.length = 0;
  const attached = page.locator('.adjuntos li button.enlace', { hasText: 'acta.pdf' });
  await attached.waitFor();
  await accessible(page, 'adjuntos');
  await shot(page, 'adjuntos');
  const [file] = await Promise.all([page.waitForEvent('download'), attached.click()]);
  expect(file.suggestedFilename()).toBe('acta.pdf');
  expect(readFileSync(await file.path(), 'utf8')).toBe(content);
});

test('a Zona is drawn on the map by four clicks', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('z');
  await page.locator('button', { hasText: 'Dibujar un polígono' }).click();
  const map = await page.locator('.mapa-caja').boundingBox();
  if (!map) throw new Error('the map has no box');
  for (const [x, y] of [[0.3, 0.4], [0.6, 0.4], [0.6, 0.7], [0.3, 0.7]] as const) {
    await page.mouse.click(map.x + map.width * x, map.y + map.height * y);
  }
  await page.locator('#zona-nombre').fill(`Zona ${marca}`);
  await accessible(page, 'zona nueva');
  await page.locator('button', { hasText: 'Guardar la zona' }).click();
  await page.locator('.detalle li', { hasText: `Zona ${marca}` }).waitFor();
  await page.keyboard.press('Escape');
});

test('a marker is put on the map, told to everybody at once, and taken away', async () => {
  const other = await newPage(await open(browser), 360, 740, 'light');
  await other.goto(base);
  await login(other, cuenta('administrador'));
  await live(other);
  await other.keyboard.press('l');

  await page.keyboard.press('l');
  await page.locator('button', { hasText: 'Poner una marca' }).click();
  await clickMap(page);
  await page.locator('#marca-titulo').fill(`Calle cortada ${marca}`);
  await page.locator('#marca-clase').selectOption('corte');
  await page.locator('#marca-caduca').fill(`${lejos}-01-10T21:00`);
  await accessible(page, 'marca nueva');
  await page.locator('button', { hasText: 'Poner la marca' }).click();
  const row = (at: Page) => at.locator('.marca-fila', { hasText: `Calle cortada ${marca}` });
  await row(page).waitFor();
  await accessible(page, 'marcas');
  await shot(page, 'marcas');

  await row(other).waitFor();
  await accessible(other, 'marcas, móvil');
  await noSideways(other);
  await shot(other, 'movil-marcas');
  await row(other).locator('button', { hasText: 'Quitar' }).click();
  await row(other).waitFor({ state: 'detached' });
  await row(page).waitFor({ state: 'detached' });
  await other.context().close();
  await page.keyboard.press('Escape');
});

test('Zonas come from a file too, and one is drawn anew', async () => {
  const [name, circle] = [`Barrio ${marca}`, `Plaza ${marca}`];
  const polygon = { type: 'Polygon', coordinates: [[[-58.40, -34.61], [-58.39, -34.61], [-58.39, -34.60], [-58.40, -34.61]]] };
  const feature = (properties: object, geometry: object) => ({ type: 'Feature', properties, geometry });
  await page.keyboard.press('z');
  await page.locator('button', { hasText: 'Importar…' }).click();
  await page.locator('#importar-archivo').setInputFiles({
    name: 'zonas.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({
      type: 'FeatureCollection',
      features: [
        feature({ BARRIO: name }, polygon), feature({ nombre: circle, radio_m: 200 }, { type: 'Point', coordinates: [-58.38, -34.6] }),
        feature({ nombre: 'Una calle' }, { type: 'LineString', coordinates: [] }), feature({ nombre: `Zona ${marca}` }, polygon),
      ],
    })),
  });
  const box = page.locator('[aria-label="Importar zonas"]');
  await box.locator('[role=status]', { hasText: '2 zonas nuevas; 1 con un nombre que ya está' }).waitFor();
  await box.locator('[role=alert]', { hasText: 'La figura 3, Una calle' }).waitFor();
  await accessible(page, 'importar zonas');
  await shot(page, 'importar-zonas');
  await box.locator('button', { hasText: 'Importar 2 zonas' }).click();
  await box.waitFor({ state: 'detached' });
  const row = page.locator('.detalle li', { hasText: name });
  await page.locator('.detalle li', { hasText: circle }).waitFor();

  await row.locator('button', { hasText: 'Modificar' }).click();
  await row.locator('button', { hasText: 'Como un círculo' }).click();
  const map = await page.locator('.mapa-caja').boundingBox();
  if (!map) throw new Error('the map has no box');
  for (const x of [0.4, 0.45]) await page.mouse.click(map.x + map.width * x, map.y + map.height * 0.5);
  await row.locator('[role=status]', { hasText: 'Radio:' }).waitFor();
  await accessible(page, 'zona dibujada de nuevo');
  await row.locator('button', { hasText: 'Guardar' }).click();
  await row.locator('form').waitFor({ state: 'detached' });
  await row.locator('button', { hasText: 'Quitar' }).click();
  await row.locator('button', { hasText: 'Quitar la zona' }).click();
  await row.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
});

test('the list narrows by more than its state, and is downloaded as it is shown', async () => {
  await page.keyboard.press('t');
  await page.locator('.filtros button').first().click();
  await page.locator('#f-tipo').selectOption('emergencia');
  await page.locator('[data-lista=tarea] [role=option]', { hasText: `Relevamiento ${marca}` }).waitFor({ state: 'detached' });
  await accessible(page, 'filtros');
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.filtros button', { hasText: 'CSV' }).click()]);
  expect(file.suggestedFilename()).toBe('tareas.csv');
  await page.locator('button', { hasText: 'Quitar filtros' }).click();
});

test('a leave is asked for and granted', async () => {
  await page.locator('.pestanas button', { hasText: 'Efectivos' }).click();
  await page.locator('[data-lista=efectivo] [role=option]').last().click();
  await page.locator('.detalle button', { hasText: 'Licencia' }).click();
  await page.locator('#licencia-desde').fill(`${lejos}-01-10`);
  await page.locator('#licencia-hasta').fill(`${lejos}-01-20`);
  await accessible(page, 'licencia');
  await page.locator('button', { hasText: 'Pedir la licencia' }).click();
  await page.locator('.detalle button', { hasText: 'Aprobar' }).click();
  await page.locator('.detalle li', { hasText: 'Aprobada' }).waitFor();
  await accessible(page, 'efectivo');
});

test('the figures of the period are a page with tables and charts', async () => {
  await goTo(page, 'Estadísticas');
  await page.locator('.grafico canvas').first().waitFor();
  await page.locator('.tabla tbody tr').first().waitFor();
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `estadísticas, ${colorScheme}`);
  }
  await shot(page, 'estadisticas');
  await page.setViewportSize({ width: 360, height: 740 });
  await noSideways(page);
  await shot(page, 'movil-estadisticas');
});

test('no page asked anything of the outside, nor complained', () => {
  expect(strangers).toEqual([]);
  expect(complaints).toEqual([]);
});
