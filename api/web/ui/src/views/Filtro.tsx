import type { Signal } from '@preact/signals';

interface Props {
  id: string;
  label: string;
  value: string;
  options: { value: string; text: string }[];
  onChange: (value: string) => void;
  search: Signal<string>;
  placeholder: string;
}

/** State and text, above each list. */
export function Filtro({ id, label, value, options, onChange, search, placeholder }: Props) {
  return (
    <div class="filtro" role="search" aria-label={placeholder}>
      <label class="oculto" for={`estado-${id}`}>{label}</label>
      <select id={`estado-${id}`} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}
      </select>
      <label class="oculto" for={`busca-${id}`}>{placeholder}</label>
      <input id={`busca-${id}`} type="search" placeholder={`${placeholder}  ( / )`} value={search.value} autocomplete="off"
        onInput={(event) => { search.value = event.currentTarget.value; }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            event.currentTarget.closest('.lista')?.querySelector<HTMLElement>('[role=listbox]')?.focus();
          }
        }} />
    </div>
  );
}
