// Finds the number of a challenge (docs/abuse.md): SHA-256 of salt and number is the
// challenge. It runs beside the page. Plain arithmetic: crypto.subtle is there on HTTPS
// only, and slower for one block.
"use strict";
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const part = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
const rounds = Int32Array.from(primes, (p) => part(Math.cbrt(p)));
const start = Int32Array.from(primes.slice(0, 8), (p) => part(Math.sqrt(p)));
const words = new Int32Array(64), state = new Int32Array(8);
function digest(bytes) { // into state
  const length = bytes.length, blocks = ((length + 8) >> 6) + 1, all = new Uint8Array(blocks * 64);
  all.set(bytes);
  all[length] = 0x80;
  const view = new DataView(all.buffer);
  view.setUint32(all.length - 4, length * 8);
  state.set(start);
  for (let b = 0; b < blocks; b++) {
    for (let k = 0; k < 16; k++) words[k] = view.getInt32(b * 64 + k * 4);
    for (let k = 16; k < 64; k++) {
      const x = words[k - 15], y = words[k - 2];
      words[k] = (words[k - 16] + words[k - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0;
    }
    let [a, q, c, d, e, f, g, h] = state;
    for (let k = 0; k < 64; k++) {
      const one = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + rounds[k] + words[k]) | 0;
      const two = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & q ^ a & c ^ q & c)) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = q; q = a; a = (one + two) | 0;
    }
    [a, q, c, d, e, f, g, h].forEach((v, k) => { state[k] = (state[k] + v) | 0; });
  }
}
onmessage = ({ data: task }) => {
  if (task.algorithm !== "SHA-256" || !/^[0-9a-f]{64}$/.test(task.challenge)) return postMessage({ failed: true });
  const goal = Int32Array.from(task.challenge.match(/.{8}/g), (h) => parseInt(h, 16) | 0), text = new TextEncoder();
  for (let n = 0; n <= task.maxnumber; n++) {
    digest(text.encode(task.salt + n));
    if (state[0] === goal[0] && state.every((v, k) => v === goal[k])) {
      const { algorithm, challenge, salt, signature } = task;
      return postMessage({ solved: btoa(JSON.stringify({ algorithm, challenge, number: n, salt, signature })) });
    }
  }
  postMessage({ failed: true });
};
