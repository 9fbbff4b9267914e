import { useEffect, useRef } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import { day } from '../../format';
import { restyled } from '../../tema';

interface Serie {
  label: string;
  /** A colour of the style sheet, by its name. */
  color: string;
  values: (number | null)[];
}

const HEIGHT = 220;

/** Lines over days. The tables beside it say the same in numbers: for eyes only. */
export function Grafico({ label, x, series }: { label: string; x: number[]; series: Serie[] }) {
  const box = useRef<HTMLDivElement>(null);
  const style = restyled.value;
  const shown = JSON.stringify([x, series]);
  useEffect(() => {
    const at = box.current;
    if (!at || x.length === 0) return undefined;
    let gone = false;
    let stop = () => {};
    // Drawn by few pages: the library comes when one of them is opened.
    void import('uplot').then(({ default: UPlot }) => {
      if (gone) return;
      const css = getComputedStyle(document.documentElement);
      const color = (name: string) => css.getPropertyValue(`--${name}`).trim();
      const axis = { stroke: color('tenue'), grid: { stroke: color('borde'), width: 1 }, ticks: { stroke: color('borde'), width: 1 } };
      const plot = new UPlot({
        width: at.clientWidth,
        height: HEIGHT,
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
        axes: [{ ...axis, values: (_plot, times) => times.map((time) => day(time * 1000).slice(0, 5)) }, axis],
        series: [
          { label: 'Día', value: (_plot, time) => (time === null || time === undefined ? '—' : day(time * 1000)) },
          ...series.map((one) => ({ label: one.label, stroke: color(one.color), width: 2, points: { show: x.length < 40 } })),
        ],
      }, [x, ...series.map((one) => one.values)], at);
      const resize = new ResizeObserver(() => { plot.setSize({ width: at.clientWidth, height: HEIGHT }); });
      resize.observe(at);
      stop = () => { resize.disconnect(); plot.destroy(); };
    });
    return () => { gone = true; stop(); };
  }, [shown, style]);
  if (x.length === 0) return <p class="tenue">No hay datos de ese período.</p>;
  return <div ref={box} class="grafico" role="img" aria-label={label} />;
}
