import type { StyleSpecification } from 'maplibre-gl';
import { Map as MapLibre, setWorkerCount, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { Base } from './base';
import { LAND_FADES, MAX_ZOOM, MIN_ZOOM, START, stillness } from './base';
import type { Camera } from './mercator';
import type { Palette } from './palette';
import type { World } from './world';

// A file of this very server: the content policy allows no worker from a blob.
setWorkerUrl(workerUrl);
setWorkerCount(1);

/** The ground drawn by maplibre-gl; later, also an operator's own street tiles. */
export class WebGLBase implements Base {
  readonly kind = 'webgl';
  readonly #map: MapLibre;
  readonly #container: HTMLElement;

  constructor(container: HTMLElement, palette: Palette, world: Promise<World>, lost: () => void) {
    this.#container = container;
    this.#map = new MapLibre({
      container,
      style: styleFor(palette),
      center: [START.lon, START.lat],
      zoom: START.zoom,
      minZoom: MIN_ZOOM,
      maxZoom: MAX_ZOOM,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      locale: { 'Map.Title': 'Mapa de la operación' },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    const canvas = this.#map.getCanvas();
    // A driver that dies takes the context along; the flat map goes on instead.
    canvas.addEventListener('webglcontextlost', lost, { once: true });
    this.#map.once('load', () => void world.then((data) => this.#ground(data), () => undefined));
  }

  camera(): Camera {
    const { lat, lng } = this.#map.getCenter();
    return {
      lat, lon: lng, zoom: this.#map.getZoom(),
      width: this.#container.clientWidth, height: this.#container.clientHeight,
    };
  }

  onMove(callback: (camera: Camera) => void): void {
    this.#map.on('move', () => callback(this.camera()));
    this.#map.on('resize', () => callback(this.camera()));
  }

  onRest(callback: (camera: Camera) => void): void {
    this.#map.on('moveend', () => callback(this.camera()));
  }

  go({ lat, lon, zoom }: { lat: number; lon: number; zoom?: number }): void {
    const target = { center: [lon, lat] as [number, number], zoom: zoom ?? this.#map.getZoom() };
    if (stillness()) this.#map.jumpTo(target);
    else this.#map.easeTo({ ...target, duration: 350 });
  }

  zoomBy(levels: number): void {
    const { lat, lon, zoom } = this.camera();
    this.go({ lat, lon, zoom: zoom + levels });
  }

  restyle(palette: Palette): void {
    const paint = (layer: string, property: string, value: string) => {
      if (this.#map.getLayer(layer)) this.#map.setPaintProperty(layer, property as 'fill-color', value);
    };
    paint('sea', 'background-color', palette.sea);
    paint('far', 'background-color', palette.land);
    paint('land', 'fill-color', palette.land);
    paint('borders', 'line-color', palette.border);
    paint('coast', 'line-color', palette.border);
  }

  resize(): void {
    this.#map.resize();
  }

  destroy(): void {
    this.#map.remove();
  }

  #ground(world: World): void {
    const set = (source: string, geometry: GeoJSON.Geometry) => {
      const found = this.#map.getSource(source);
      if (found && 'setData' in found) {
        (found as unknown as { setData: (data: GeoJSON.GeoJSON) => void }).setData({ type: 'Feature', properties: {}, geometry });
      }
    };
    set('land', { type: 'MultiPolygon', coordinates: world.land });
    set('borders', { type: 'MultiLineString', coordinates: world.borders });
  }
}

function styleFor(palette: Palette): StyleSpecification {
  const empty = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };
  const fading = (full: number) => ['interpolate', ['linear'], ['zoom'], LAND_FADES.from, full, LAND_FADES.to, 0] as never;
  return {
    version: 8,
    sources: {
      land: { ...empty, maxzoom: 8 },
      borders: { ...empty, maxzoom: 8 },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': palette.land } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': palette.border, 'line-width': 0.8 } },
      { id: 'borders', type: 'line', source: 'borders', paint: { 'line-color': palette.border, 'line-width': 1, 'line-dasharray': [3, 2] } },
      // Near the ground the coarse coast gives way to plain paper and the grid.
      {
        id: 'far', type: 'background',
        paint: {
          'background-color': palette.land,
          'background-opacity': ['interpolate', ['linear'], ['zoom'], LAND_FADES.from, 0, LAND_FADES.to, 1],
        },
      },
    ].map((layer) => (layer.id === 'coast' || layer.id === 'borders'
      ? { ...layer, paint: { ...layer.paint, 'line-opacity': fading(1) } }
      : layer)) as StyleSpecification['layers'],
  };
}
