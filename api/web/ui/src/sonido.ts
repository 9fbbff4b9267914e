/** The sound of an alert: made here, no file; nothing that could be taken for a telephone. */

let context: AudioContext | undefined;

/** Two notes; three of them for what is most urgent. */
export function sonar(priority: number): void {
  try {
    context ??= new AudioContext();
    void context.resume();
    const notes = priority >= 5 ? [880, 660, 880] : [660, 880];
    notes.forEach((pitch, i) => note(context as AudioContext, pitch, i * 0.22));
  } catch {
    // A machine without sound still shows everything.
  }
}

function note(at: AudioContext, pitch: number, wait: number): void {
  const start = at.currentTime + wait;
  const tone = at.createOscillator();
  const volume = at.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
  volume.gain.linearRampToValueAtTime(0, start + 0.18);
  tone.connect(volume).connect(at.destination);
  tone.start(start);
  tone.stop(start + 0.2);
}
