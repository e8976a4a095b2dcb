// Microphone -> WAV file: 16 bits, one channel. Browsers record in formats of their own; every server reads this one.
const MOST_SECONDS = 120;
const HEADER = 44;

export const recordable = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

export class Recorder {
  constructor(ticked) { this.ticked = ticked; }

  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.pieces = [];
    this.recorder = new MediaRecorder(this.stream);
    this.recorder.addEventListener("dataavailable", event => this.pieces.push(event.data));
    this.recorder.start();
    this.seconds = 0;
    this.clock = setInterval(() => { this.ticked(++this.seconds); if (this.seconds >= MOST_SECONDS) this.recorder.stop(); }, 1000);
  }

  async stop() {
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise(done => this.recorder.addEventListener("stop", done, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    this.abort();
    const context = new AudioContext();
    try { return new File([wav(await context.decodeAudioData(await new Blob(this.pieces).arrayBuffer()))], "recording.wav", { type: "audio/wav" }); }
    finally { context.close(); }
  }

  abort() {
    clearInterval(this.clock);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}

/** RIFF WAVE, PCM of 16 bits: the channels' mean. */
export function wav(sound) {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => sound.getChannelData(index));
  const view = new DataView(new ArrayBuffer(HEADER + 2 * sound.length));
  const write = (at, word) => [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  write(0, "RIFF"); view.setUint32(4, view.byteLength - 8, true); write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, sound.sampleRate, true); view.setUint32(28, 2 * sound.sampleRate, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  write(36, "data"); view.setUint32(40, 2 * sound.length, true);
  for (let i = 0; i < sound.length; i++) {
    const value = channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length;
    view.setInt16(HEADER + 2 * i, Math.max(-1, Math.min(1, value)) * 32767, true);
  }
  return view.buffer;
}
