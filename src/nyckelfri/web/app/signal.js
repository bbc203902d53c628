/**
 * Sound and vibration: what happened at the door is heard and felt in a pocket or in the dark.
 *
 * House rules: made here from tones, so that no file is needed; a phone that is silent or cannot
 * vibrate loses nothing that is not shown too.
 */

/** @typedef {ReturnType<typeof signaller>} Signaller */
/** @typedef {'granted' | 'locked' | 'refused' | 'noted'} Signal */

/** Tones as [hertz, start, length] in seconds, and vibration in milliseconds on and off. */
const SIGNALS = Object.freeze({
  granted: {
    tones: [
      [660, 0, 0.11],
      [990, 0.12, 0.2],
    ],
    beats: [60, 40, 120],
  },
  locked: {
    tones: [
      [660, 0, 0.11],
      [440, 0.12, 0.2],
    ],
    beats: [120],
  },
  refused: {
    tones: [
      [220, 0, 0.22],
      [185, 0.26, 0.34],
    ],
    beats: [250, 120, 250],
  },
  noted: { tones: [[880, 0, 0.07]], beats: [40] },
});
const LOUD = 0.22;

/** @param {{navigator?: Navigator, Audio?: typeof AudioContext}} [edge] */
export function signaller({
  navigator = globalThis.navigator,
  Audio = globalThis.AudioContext,
} = {}) {
  /** @type {AudioContext | null} */
  let audio = null;
  return {
    /** Browsers let a page sound only after a tap: call it in one. */
    wake() {
      audio ??= Audio ? new Audio() : null;
      if (audio?.state === 'suspended') audio.resume().catch(() => {});
    },
    /** @param {Signal} signal */
    give(signal) {
      const { tones, beats } = SIGNALS[signal];
      navigator.vibrate?.(beats);
      if (audio?.state !== 'running') return;
      for (const [hertz, start, length] of tones)
        sound(audio, hertz, audio.currentTime + start, length);
    },
  };
}

/**
 * @param {AudioContext} audio
 * @param {number} hertz
 * @param {number} start
 * @param {number} length
 */
function sound(audio, hertz, start, length) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUD, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.001, start + length);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + length + 0.05);
}
